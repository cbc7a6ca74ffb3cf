using Churn.Notifications.Domain;
using Churn.Notifications.Taking;
using Churn.Notifications.Templates;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Errors;
using Grpc.Core;

namespace Churn.Notifications;

/// <summary>Templates.</summary>
internal sealed partial class NotificationsApi
{
    private const int MostDocument = 256 * 1024;

    public override Task<V1.PutTemplateResponse> PutTemplate(V1.PutTemplateRequest request, ServerCallContext context)
    {
        if (System.Text.Encoding.UTF8.GetByteCount(request.Document) > MostDocument)
        {
            throw Faults.Invalid(RequestCheck.Invalid, "document", $"The document has more than {MostDocument} bytes; shorten it.");
        }

        if (TemplateReader.Read(request.File.Length > 0 ? request.File : "template", request.Document, out var problems) is not { } template)
        {
            throw NotificationsFaults.DocumentInvalid(problems);
        }

        var tenant = context.Caller().Tenant;
        if (request.DryRun)
        {
            var latest = templates.Find(tenant, template.Name);
            var same = latest?.Hash == template.Hash;
            return Task.FromResult(new V1.PutTemplateResponse { Template = (template with { Version = same ? latest!.Version : (latest?.Version ?? 0) + 1 }).ToWire(), Changed = !same });
        }

        var (saved, changed) = templates.Put(tenant, template);
        return Task.FromResult(new V1.PutTemplateResponse { Template = saved.ToWire(), Changed = changed });
    }

    public override Task<V1.GetTemplateResponse> GetTemplate(V1.GetTemplateRequest request, ServerCallContext context)
    {
        var template = Find(context.Caller().Tenant, request.Name, request.Version);
        return Task.FromResult(new V1.GetTemplateResponse { Template = template.ToWire(), Document = template.Document });
    }

    public override Task<V1.ListTemplatesResponse> ListTemplates(V1.ListTemplatesRequest request, ServerCallContext context)
    {
        var response = new V1.ListTemplatesResponse();
        response.Templates.AddRange(templates.Latest(context.Caller().Tenant).Select(template => template.ToWire()));
        return Task.FromResult(response);
    }

    public override Task<V1.PreviewMessageResponse> PreviewMessage(V1.PreviewMessageRequest request, ServerCallContext context)
    {
        var template = Find(context.Caller().Tenant, request.Template, request.Version);
        if (request.Locale.Length > 0 && !Locales.IsTag(request.Locale))
        {
            throw Faults.Invalid(RequestCheck.Invalid, "locale", $"locale is '{request.Locale}', which is no language tag; give one such as pt-BR, or nothing.");
        }

        var variables = TemplateReader.Samples(template);
        foreach (var (name, value) in request.Variables?.Fields.AsEnumerable() ?? [])
        {
            variables.Fields[name] = value;
        }

        try
        {
            var recipient = new V1.Recipient { Name = "Ana", Email = "ana@example.org", Locale = request.Locale };
            var rendered = template.Render(variables, Channel.Email, recipient, "https://example.org/unsubscribe");
            return Task.FromResult(new V1.PreviewMessageResponse { Locale = rendered.Locale, Subject = rendered.Subject, Text = rendered.Text, Html = rendered.Html });
        }
        catch (VariableException e)
        {
            throw Faults.Invalid(e.Reason, $"variables.{e.Variable}", e.Sentence);
        }
    }

    private Template Find(string tenant, string name, int version)
    {
        Refuse(RequestCheck.Id("template", name));
        return version < 0
            ? throw Faults.Invalid(RequestCheck.Invalid, "version", "Versions are counted from 1; 0 is the latest.")
            : templates.Find(tenant, name, version) ?? throw NotificationsFaults.TemplateNotFound(name, version);
    }
}
