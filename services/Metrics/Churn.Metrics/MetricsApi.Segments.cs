using Churn.Metrics.Books;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Churn.Metrics;

/// <summary>By what answers are split, and the segments there are.</summary>
internal sealed partial class MetricsApi
{
    public override async Task<V1.ListSegmentsResponse> ListSegments(V1.ListSegmentsRequest request, ServerCallContext context)
    {
        var read = await reader.BeginAsync(request.Read, context);
        var pageSize = PageSize(request.PageSize, usual: 1_000, most: 10_000);
        var split = SplitBy(read, request.Attribute, "attribute");
        List<string> attributes = split.IsSplit ? [split.Name] : [.. read.State!.Attributes, Split.Plan];
        var found = read.Take(await owners.AskAsync(new SegmentsQuestion(attributes), read));
        var all = found
            .Select(f => (Segment: new V1.Segment { Attribute = NameOf(f.Key.Attribute), Value = PartName(f.Key.Attribute, f.Key.Value) }, Figures: f.Value))
            .OrderBy(f => f.Segment.Attribute, StringComparer.Ordinal).ThenBy(f => f.Segment.Value, StringComparer.Ordinal)
            .Select((f, i) => (Number: i, Name: $"{f.Segment.Attribute} {f.Segment.Value}", f.Segment, f.Figures)).ToList();
        var page = PageOf(all.ConvertAll(f => (f.Number, f.Name)), request.PageToken, pageSize, $"segments {request.Attribute}", out var next);
        var response = new V1.ListSegmentsResponse { Info = Reader.InfoOf(read, 0), NextPageToken = next };
        foreach (var (number, _) in page)
        {
            var (_, _, segment, figures) = all[number];
            response.Segments.Add(new V1.SegmentFigures
            {
                Segment = segment,
                Customers = figures.Customers,
                PayingCustomers = figures.Paying,
                MrrMicros = Wire.Micros(figures.Mrr),
            });
        }

        return response;

        string NameOf(int attribute) => attribute == SegmentVisitor.Plan ? Split.Plan : vocabulary.Attributes[attribute];
    }

    private string PartName(int attribute, int number) =>
        attribute == SegmentVisitor.Plan ? vocabulary.Plans.NameOf(number) : vocabulary.Values[number];

    private Split SplitBy(Read read, string name, string field)
    {
        if (name.Length > 0 && name != Split.Plan && !read.State!.Attributes.Contains(name))
        {
            throw ReadFaults.SegmentUnknown(field, name, read.State.Attributes.Append(Split.Plan).Order(StringComparer.Ordinal));
        }

        return Split.Of(name, null, vocabulary, read.CurrencyCode);
    }

    private Split PartOf(Read read, V1.Segment? segment)
    {
        if (segment is null)
        {
            return Split.None;
        }

        if (segment.Attribute.Length == 0)
        {
            throw ReadFaults.FieldInvalid("segment.attribute", "Name an attribute, or \"plan\".");
        }

        return Split.Of(SplitBy(read, segment.Attribute, "segment.attribute").Name, segment.Value, vocabulary, read.CurrencyCode);
    }

    /// <summary>Gives the parts of an answer that anybody is in, by name in byte order; one without a name where nothing is split.</summary>
    private async ValueTask<List<(int Number, string Name)>> PartsAsync(Read read, Split split)
    {
        if (!split.IsSplit)
        {
            return [(0, "")];
        }

        var found = read.Take(await owners.AskAsync(new SegmentsQuestion([split.Name]), read));
        return [.. found.Keys.Select(k => (k.Value, PartName(k.Attribute, k.Value))).OrderBy(p => p.Item2, Utf8Order.Comparer)];
    }

    private static List<(int Number, string Name)> PageOf(
        List<(int Number, string Name)> all, string token, int size, string request, out string next)
    {
        var start = 0;
        if (token.Length > 0)
        {
            var after = PageToken.Read(token, request) ?? throw ReadFaults.PageTokenInvalid();
            start = all.FindIndex(p => Utf8Order.Compare(p.Name, after) > 0);
            start = start < 0 ? all.Count : start;
        }

        var page = all.GetRange(start, Math.Min(size, all.Count - start));
        next = start + page.Count < all.Count ? PageToken.Write(page[^1].Name, request) : "";
        return page;
    }
}
