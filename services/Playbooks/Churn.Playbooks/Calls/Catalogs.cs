using Churn.Metrics.V1;
using Churn.Notifications.V1;
using Churn.Playbooks.Documents;
using Grpc.Core;

namespace Churn.Playbooks.Calls;

/// <summary>Knows the templates of the notifications service, and those that are about to be saved there.</summary>
internal sealed class TemplateCatalog(Neighbours neighbours) : ITemplateCatalog
{
    private readonly Dictionary<string, Template?> _known = new(StringComparer.Ordinal);

    /// <summary>Adds one that is about to be saved.</summary>
    public void Add(Template template) => _known[template.Name] = template;

    public async ValueTask<Template?> FindAsync(string name, CancellationToken cancellationToken)
    {
        if (!_known.TryGetValue(name, out var template))
        {
            try
            {
                template = (await neighbours.Notifications.GetTemplateAsync(new GetTemplateRequest { Name = name }, cancellationToken: cancellationToken)).Template;
            }
            catch (RpcException exception) when (exception.StatusCode == StatusCode.NotFound)
            {
                template = null;
            }

            _known.Add(name, template);
        }

        return template;
    }
}

/// <summary>Knows the attributes that the numbers can be split by: all that customers have.</summary>
internal sealed class AttributeCatalog(Neighbours neighbours) : IAttributeCatalog
{
    private const int MostPages = 10;

    public async ValueTask<IReadOnlyCollection<string>?> NamesAsync(CancellationToken cancellationToken)
    {
        if (neighbours.Metrics is not { } metrics)
        {
            return null;
        }

        try
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            var request = new ListSegmentsRequest { PageSize = 10_000 };
            for (var page = 0; page < MostPages; page++)
            {
                var segments = await metrics.ListSegmentsAsync(request, cancellationToken: cancellationToken);
                names.UnionWith(segments.Segments.Select(segment => segment.Segment.Attribute));
                if (segments.NextPageToken.Length == 0)
                {
                    return names;
                }

                request.PageToken = segments.NextPageToken;
            }

            return null;
        }
        catch (RpcException)
        {
            // It serves warnings alone: a playbook can be saved while the numbers are not there.
            return null;
        }
    }
}
