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
        int[] attributes = split.IsByPlan ? [] : split.IsSplit ? [split.Attribute] : [.. KnownAttributes(read)];
        var byPlan = split.IsByPlan || !split.IsSplit;
        var found = SegmentVisitor.Merge(shelf.Scan(
            read.Tenant, read.Currency, read.Cut, () => new SegmentVisitor(attributes, byPlan), read.CancellationToken));
        var all = found
            .Select(f => (Segment: new V1.Segment { Attribute = NameOf(f.Key.Attribute), Value = PartName(f.Key.Attribute, f.Key.Value) }, Figures: f.Value))
            .OrderBy(f => f.Segment.Attribute, StringComparer.Ordinal).ThenBy(f => f.Segment.Value, StringComparer.Ordinal)
            .Select((f, i) => (Number: i, Name: $"{f.Segment.Attribute} {f.Segment.Value}", f.Segment, f.Figures)).ToList();
        var page = PageOf(all.ConvertAll(f => (f.Number, f.Name)), request.PageToken, pageSize, $"segments {request.Attribute}", out var next);
        var response = new V1.ListSegmentsResponse { Info = reader.InfoOf(read, 0), NextPageToken = next };
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

        string NameOf(int attribute) => attribute == SegmentVisitor.Plan ? Split.Plan : shelf.Vocabulary.Attributes[attribute];
    }

    private string PartName(int attribute, int number) =>
        attribute == SegmentVisitor.Plan ? shelf.Vocabulary.Plans.NameOf(number) : shelf.Vocabulary.Values[number];

    // An attribute that is kept is numbered before anybody has it.
    private List<int> KnownAttributes(Read read)
    {
        var books = shelf.BooksOf(read.Tenant);
        var known = new List<int>();
        for (var attribute = 0; attribute < shelf.Vocabulary.Attributes.Count; attribute++)
        {
            if (books.Exists(b => b.HasAttribute(attribute)))
            {
                known.Add(attribute);
            }
        }

        return known;
    }

    private Split SplitBy(Read read, string name, string field)
    {
        if (name.Length == 0 || name == Split.Plan)
        {
            return new Split(name);
        }

        var known = KnownAttributes(read);
        var attribute = shelf.Vocabulary.Attributes.Find(name);
        return known.Contains(attribute)
            ? new Split(name, attribute)
            : throw ReadFaults.SegmentUnknown(
                field, name, known.Select(a => shelf.Vocabulary.Attributes[a]).Append(Split.Plan).Order(StringComparer.Ordinal));
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

        var split = SplitBy(read, segment.Attribute, "segment.attribute");
        if (!split.IsByPlan)
        {
            return split with { Only = shelf.Vocabulary.Values.Find(segment.Value) is >= 0 and var value ? value : Split.Nobody };
        }

        var parts = Parts(read, split).FindAll(p => p.Name == segment.Value);
        return split with { Only = parts.Count == 0 ? Split.Nobody : parts[0].Number };
    }

    /// <summary>Gives the parts of an answer that anybody is in, by name in byte order; one without a name where nothing is split.</summary>
    private List<(int Number, string Name)> Parts(Read read, Split split)
    {
        if (!split.IsSplit)
        {
            return [(0, "")];
        }

        var attribute = split.IsByPlan ? SegmentVisitor.Plan : split.Attribute;
        var found = SegmentVisitor.Merge(shelf.Scan(
            read.Tenant, read.Currency, read.Cut, () => new SegmentVisitor(split.IsByPlan ? [] : [attribute], split.IsByPlan), read.CancellationToken));
        return [.. found.Keys.Select(k => (k.Value, PartName(attribute, k.Value))).OrderBy(p => p.Item2, Utf8Order)];
    }

    // Byte order of UTF-8, as the files have it; ordinal order of UTF-16 differs beyond the basic plane.
    private static readonly Comparer<string> Utf8Order = Comparer<string>.Create((a, b) =>
        System.Text.Encoding.UTF8.GetBytes(a).AsSpan().SequenceCompareTo(System.Text.Encoding.UTF8.GetBytes(b)));

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
