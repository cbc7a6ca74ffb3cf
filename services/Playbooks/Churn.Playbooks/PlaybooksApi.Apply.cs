using System.Globalization;
using Churn.Notifications.V1;
using Churn.Playbooks.Calls;
using Churn.Playbooks.Documents;
using Churn.Playbooks.Reads;
using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Documents;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Churn.ServiceDefaults.Storage;
using Google.Rpc;
using Grpc.Core;
using Violation = Google.Rpc.BadRequest.Types.FieldViolation;

namespace Churn.Playbooks;

internal sealed partial class PlaybooksApi
{
    private const int MostDocuments = 100;
    private const string DocumentInvalid = "DOCUMENT_INVALID";

    public override async Task<V1.ApplyPlaybooksResponse> ApplyPlaybooks(V1.ApplyPlaybooksRequest request, ServerCallContext context)
    {
        if (request.Documents.Count is 0 or > MostDocuments)
        {
            throw PlaybooksFaults.FieldInvalid("documents", $"Give 1 to {MostDocuments} documents.");
        }

        var violations = new List<Violation>();
        var files = request.Documents.Select(document => DocumentFile.Read(NameOf(document), document.Text)).ToList();
        var templates = new TemplateCatalog(neighbours);
        var found = new List<Found>();
        foreach (var file in files)
        {
            foreach (var document in file.Documents)
            {
                switch (PlaybookReader.KindOf(document))
                {
                    case Words.Template:
                        found.Add(new Found(file.Problems.File, document));
                        break;
                    case Words.Playbook:
                        found.Add(new Found(file.Problems.File, document) { IsPlaybook = true });
                        break;
                }
            }
        }

        foreach (var template in found.Where(of => !of.IsPlaybook))
        {
            if (await PutAsync(template, dryRun: true, violations, context) is { } checkedTemplate)
            {
                templates.Add(checkedTemplate.Template);
            }
        }

        foreach (var playbook in found.Where(of => of.IsPlaybook))
        {
            playbook.Read = await PlaybookReader.ReadAsync(playbook.Document, options.DocumentRules, templates, new AttributeCatalog(neighbours), context.CancellationToken);
        }

        foreach (var twice in found.Where(of => of.Read is not null).GroupBy(of => of.Read!.Playbook.Name, StringComparer.Ordinal).SelectMany(name => name.Skip(1)))
        {
            twice.Document.Root.Error($"a playbook '{twice.Read!.Playbook.Name}' is in this call already; give it another name, or leave one out");
        }

        violations.AddRange(files.SelectMany(file => file.Problems.Errors).Select(ToViolation));
        if (violations.Count > 0)
        {
            throw Faults.Invalid(DocumentInvalid, violations);
        }

        if (found.Count == 0)
        {
            throw PlaybooksFaults.FieldInvalid("documents", "There is neither a playbook nor a template in the documents.");
        }

        if (!request.DryRun)
        {
            foreach (var template in found.Where(of => !of.IsPlaybook))
            {
                _ = await PutAsync(template, dryRun: false, violations, context) ?? throw Faults.Invalid(DocumentInvalid, violations);
            }
        }

        var now = clock.Now();
        var tenant = context.Caller().Tenant;
        var applied = request.DryRun
            ? store.Read(connection => Save(connection, tenant, found, request, now))
            : store.Write(connection => Save(connection, tenant, found, request, now));
        return new V1.ApplyPlaybooksResponse { Applied = { applied } };
    }

    private List<V1.AppliedDocument> Save(DatabaseConnection connection, string tenant, List<Found> found, V1.ApplyPlaybooksRequest request, long now) => found.ConvertAll(of =>
    {
        if (of.Read is not { } read)
        {
            return of.Applied!;
        }

        var name = read.Playbook.Name;
        var latest = PlaybookRows.Find(connection, tenant, name, 0);
        var changed = latest is null || !IsSame(latest, read);
        var version = (latest?.Version ?? 0) + (changed ? 1 : 0);
        if (!request.DryRun && changed)
        {
            PlaybookRows.Add(connection, tenant, name, version, read.Source, now);
        }

        if (!request.DryRun && request.Start && latest is not { Active: true })
        {
            PlaybookRows.Start(connection, tenant, name, now);
        }

        return new V1.AppliedDocument { Kind = Words.Playbook, Name = name, Version = version, Changed = changed, Warnings = { of.Warnings } };
    });

    private bool IsSame(PlaybookRow row, ReadPlaybook read) => string.Equals(Readable(row)?.ContentHash, read.ContentHash, StringComparison.Ordinal);

    private async Task<PutTemplateResponse?> PutAsync(Found template, bool dryRun, List<Violation> violations, ServerCallContext context)
    {
        try
        {
            var put = await neighbours.Notifications.PutTemplateAsync(
                new PutTemplateRequest { Document = template.Document.InPlace, File = template.File, DryRun = dryRun },
                deadline: context.Deadline, cancellationToken: context.CancellationToken);
            template.Applied = new V1.AppliedDocument
            {
                Kind = Words.Template, Name = put.Template.Name, Version = put.Template.Version, Changed = put.Changed, Warnings = { template.Warnings },
            };
            return put;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.InvalidArgument)
        {
            var details = exception.ToRichStatus()?.Details.Where(detail => detail.Is(BadRequest.Descriptor)).SelectMany(detail => detail.Unpack<BadRequest>().FieldViolations).ToList() ?? [];
            violations.AddRange(details.Count > 0 ? details : [Faults.Violation(DocumentInvalid, template.File, exception.Status.Detail)]);
            return null;
        }
    }

    private static string NameOf(V1.Document document) => document.File.Length > 0 ? document.File : "document";

    private static Violation ToViolation(DocumentProblem problem) => Faults.Violation(
        DocumentInvalid,
        string.Create(CultureInfo.InvariantCulture, $"{problem.File}:{problem.Line}:{problem.Column}"),
        problem.Path.Length == 0 ? problem.Message : $"{problem.Path}: {problem.Message}");

    /// <summary>Holds a document of the call, and what was made of it.</summary>
    private sealed record Found(string File, FileDocument Document)
    {
        public bool IsPlaybook { get; init; }

        public ReadPlaybook? Read { get; set; }

        public V1.AppliedDocument? Applied { get; set; }

        public IEnumerable<string> Warnings => Document.Problems.Warnings.Where(warning => warning.Line >= Document.Line
            && warning.Line < Document.Line + Document.Source.AsSpan().Count('\n') + 1).Select(warning => warning.ToString());
    }
}
