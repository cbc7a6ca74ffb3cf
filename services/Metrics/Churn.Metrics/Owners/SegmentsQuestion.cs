using Churn.Metrics.Books;
using Churn.Metrics.Reads;

namespace Churn.Metrics.Owners;

/// <summary>Asks for customers and MRR by every value of attributes.</summary>
/// <param name="attributes">The attributes; "plan" among them for plans.</param>
internal sealed class SegmentsQuestion(IReadOnlyCollection<string> attributes) : Question<Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)>>
{
    public override void Ask(V1.AskRequest request) => request.Segments = new V1.SegmentsQuestion { Attributes = { attributes } };

    public override Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)> Answer(OwnBooks books)
    {
        var vocabulary = books.Vocabulary;
        int[] numbers = [.. attributes.Where(name => name != Split.Plan).Select(vocabulary.Attributes.Add)];
        var byPlan = attributes.Contains(Split.Plan);
        return Merge(books.Scan(() => new SegmentVisitor(numbers, byPlan)).ConvertAll(v => v.Found));
    }

    public override Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)> Merge(
        List<Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)>> parts)
    {
        var merged = parts[0];
        foreach (var (key, more) in parts.Skip(1).SelectMany(p => p))
        {
            var (customers, paying, mrr) = merged.GetValueOrDefault(key);
            merged[key] = (customers + more.Customers, paying + more.Paying, mrr + more.Mrr);
        }

        return merged;
    }

    public override void ToWire(
        Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)> answer, V1.AskResponse response, Vocabulary vocabulary)
    {
        var wire = response.Segments = new V1.SegmentsAnswer();
        foreach (var ((attribute, value), (customers, paying, mrr)) in answer)
        {
            var split = new Split(attribute == SegmentVisitor.Plan ? Split.Plan : vocabulary.Attributes[attribute], attribute);
            wire.Segments.Add(new V1.SegmentSums
            {
                Attribute = split.Name,
                Value = split.NameOf(value, vocabulary),
                Customers = customers,
                Paying = paying,
                MrrLow = unchecked((ulong)mrr),
                MrrHigh = (long)(mrr >> 64),
            });
        }
    }

    public override Dictionary<(int Attribute, int Value), (long Customers, long Paying, Int128 Mrr)> FromWire(
        V1.AskResponse response, Vocabulary vocabulary, Read read) =>
        response.Segments.Segments.ToDictionary(
            segment => segment.Attribute == Split.Plan
                ? (SegmentVisitor.Plan, vocabulary.Plans.Add(segment.Value, read.CurrencyCode))
                : (vocabulary.Attributes.Add(segment.Attribute), vocabulary.Values.Add(segment.Value)),
            segment => (segment.Customers, segment.Paying, ((Int128)segment.MrrHigh << 64) | segment.MrrLow));
}
