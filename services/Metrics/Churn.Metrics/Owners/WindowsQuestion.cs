using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Reads;
using Google.Protobuf;

namespace Churn.Metrics.Owners;

/// <summary>Asks for the sums of all rolling windows: kept ones where they are kept, and of a scan otherwise.</summary>
internal sealed class WindowsQuestion(Split split) : Question<Dictionary<int, WindowSums[]>>
{
    public static WindowsQuestion Of(V1.WindowsQuestion asked, Vocabulary vocabulary, string currency) =>
        new(Split.FromWire(asked.Split, vocabulary, currency));

    public override void Ask(V1.AskRequest request) => request.Windows = new V1.WindowsQuestion { Split = split.ToWire() };

    public override Dictionary<int, WindowSums[]> Answer(OwnBooks books)
    {
        var read = books.Read;
        if (!read.IsToday || !split.IsKept(books.Shelf))
        {
            var order = books.Vocabulary.Plans.ByName;
            return Merge(books.Scan(() => new WindowVisitor(read.Day, split, order)).ConvertAll(v => v.Sums));
        }

        var sums = new Dictionary<int, WindowSums[]>();
        var currency = books.Vocabulary.Plans.Currencies.Find(read.CurrencyCode);
        foreach (var book in books.Books)
        {
            book.AddSumsTo(sums, split.Attribute, currency, read.Day);
        }

        return sums;
    }

    public override Dictionary<int, WindowSums[]> Merge(List<Dictionary<int, WindowSums[]>> parts)
    {
        var merged = parts[0];
        foreach (var (part, more) in parts.Skip(1).SelectMany(p => p))
        {
            HotSums.Merge(merged, part, more);
        }

        return merged;
    }

    public override void ToWire(Dictionary<int, WindowSums[]> answer, V1.AskResponse response, Vocabulary vocabulary)
    {
        var wire = response.Windows = new V1.WindowsAnswer();
        var packer = new SumsPacker(plan => plan);
        foreach (var (part, sums) in answer)
        {
            Array.ForEach(sums, window => window.Carry(packer));
            wire.Windows.Add(new V1.PartWindows { Part = split.NameOf(part, vocabulary), Sums = UnsafeByteOperations.UnsafeWrap(packer.Take()) });
        }
    }

    public override Dictionary<int, WindowSums[]> FromWire(V1.AskResponse response, Vocabulary vocabulary, Read read)
    {
        var answer = new Dictionary<int, WindowSums[]>();
        foreach (var part in response.Windows.Windows)
        {
            var sums = HotSums.NewSums();
            var unpacker = new SumsUnpacker(part.Sums.Memory, place => place);
            Array.ForEach(sums, window => window.Carry(unpacker));
            unpacker.End();
            answer.Add(split.AddNumber(part.Part, vocabulary, read.CurrencyCode), sums);
        }

        return answer;
    }
}
