using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Reads;
using Google.Protobuf;

namespace Churn.Metrics.Owners;

/// <summary>Asks for ledgers of months: one, or one a part.</summary>
/// <param name="horizon">The months.</param>
/// <param name="split">How the answer is split.</param>
/// <param name="parts">The names of the parts asked for; null for all.</param>
/// <param name="keepsDays">Whether single days will be asked for.</param>
internal sealed class LedgersQuestion(Horizon horizon, Split split, IReadOnlyCollection<string>? parts, bool keepsDays) : Question<Dictionary<int, Ledger>>
{
    public static LedgersQuestion Of(V1.LedgersQuestion asked, Vocabulary vocabulary, string currency) => new(
        new Horizon(asked.FromMonth, asked.ToMonth, asked.FirstMonth),
        Split.FromWire(asked.Split, vocabulary, currency),
        asked.Parts?.Names,
        asked.KeepsDays);

    public override void Ask(V1.AskRequest request) => request.Ledgers = new V1.LedgersQuestion
    {
        FromMonth = horizon.From,
        ToMonth = horizon.To,
        FirstMonth = horizon.First,
        Split = split.ToWire(),
        Parts = parts is null ? null : new V1.PartNames { Names = { parts } },
        KeepsDays = keepsDays,
    };

    public override Dictionary<int, Ledger> Answer(OwnBooks books)
    {
        var vocabulary = books.Vocabulary;
        var plans = vocabulary.Plans.Count;
        var order = vocabulary.Plans.ByName;
        var wanted = parts?.Select(name => split.NumberOf(name, vocabulary, books.Read.CurrencyCode)).ToHashSet();
        return Merge(books.Scan(() => new LedgerVisitor(horizon, plans, split, order, wanted, keepsDays)).ConvertAll(v => v.Ledgers));
    }

    public override Dictionary<int, Ledger> Merge(List<Dictionary<int, Ledger>> parts)
    {
        var merged = parts[0];
        foreach (var (part, ledger) in parts.Skip(1).SelectMany(p => p))
        {
            if (!merged.TryAdd(part, ledger))
            {
                merged[part].Merge(ledger);
            }
        }

        return merged;
    }

    public override void ToWire(Dictionary<int, Ledger> answer, V1.AskResponse response, Vocabulary vocabulary)
    {
        var wire = response.Ledgers = new V1.LedgersAnswer();
        var places = new Dictionary<int, int>();
        var packer = new SumsPacker(plan =>
        {
            if (!places.TryGetValue(plan, out var place))
            {
                places.Add(plan, place = places.Count);
                wire.Plans.Add(vocabulary.Plans.NameOf(plan));
            }

            return place;
        });
        foreach (var (part, ledger) in answer)
        {
            ledger.Carry(packer);
            wire.Ledgers.Add(new V1.PartLedger { Part = split.NameOf(part, vocabulary), Sums = UnsafeByteOperations.UnsafeWrap(packer.Take()) });
        }
    }

    public override Dictionary<int, Ledger> FromWire(V1.AskResponse response, Vocabulary vocabulary, Read read)
    {
        var wire = response.Ledgers;
        var plans = wire.Plans.Select(plan => vocabulary.Plans.Add(plan, read.CurrencyCode)).ToArray();
        var ledgers = new Dictionary<int, Ledger>();
        foreach (var part in wire.Ledgers)
        {
            var ledger = new Ledger(horizon, vocabulary.Plans.Count, keepsDays);
            var unpacker = new SumsUnpacker(part.Sums.Memory, place => place < plans.Length ? plans[place] : throw new InvalidDataException("There is no such plan."));
            ledger.Carry(unpacker);
            unpacker.End();
            ledgers.Add(split.AddNumber(part.Part, vocabulary, read.CurrencyCode), ledger);
        }

        return ledgers;
    }
}
