using System.Text;
using Churn.Cli.Report.Input;

namespace Churn.Suite.Import.Csv;

/// <summary>Settles what a customer is where several rows of one start and one record time say different things.</summary>
/// <remarks>
/// The value that sorts last counts, attribute by attribute, as in a report. Facts of one instant count by their ids, which say nothing of
/// values: so each of these rows says the same.
/// </remarks>
internal sealed class ProfileTies
{
    private readonly Dictionary<(string Customer, long Start, long Recorded), Dictionary<string, string>> _values = [];
    private readonly HashSet<(ulong Customer, long Start, long Recorded)> _ties = [];

    /// <summary>Looks for ties among rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="textsOf">Gives the texts of a block's reader.</param>
    public ProfileTies(WholeRows rows, Func<RowBlock, ReaderTexts> textsOf)
    {
        var seen = new HashSet<(ulong, long, long)>();
        ForEach(rows, (block, i, key) =>
        {
            if (!seen.Add(key))
            {
                _ties.Add(key);
            }
        });
        if (_ties.Count == 0)
        {
            return;
        }

        ForEach(rows, (block, i, key) =>
        {
            if (_ties.Contains(key))
            {
                Gather(textsOf(block), block, i);
            }
        });
    }

    /// <summary>Gives what counts of a row that may be tied with others, or null where it is alone.</summary>
    public IReadOnlyDictionary<string, string>? Of(string customer, Row row) =>
        _ties.Count > 0 && _values.TryGetValue((customer, row.Start, row.SourceRecordTime), out var values) ? values : null;

    private static void ForEach(WholeRows rows, Action<RowBlock, int, (ulong, long, long)> visit)
    {
        foreach (var block in rows.Blocks)
        {
            var customers = block.Reader.Customers;
            var (number, hash) = (-1, 0UL);
            for (var i = 0; i < block.Count; i++)
            {
                ref readonly var row = ref block.Rows[i];
                if (row.Customer < 0)
                {
                    continue;
                }

                if (row.Customer != number)
                {
                    (number, hash) = (row.Customer, Names.Hash(customers[row.Customer]));
                }

                visit(block, i, (hash, row.Start, row.SourceRecordTime));
            }
        }
    }

    private void Gather(ReaderTexts texts, RowBlock block, int i)
    {
        ref readonly var row = ref block.Rows[i];
        var key = (texts.Customer(row.Customer), row.Start, row.SourceRecordTime);
        if (!_values.TryGetValue(key, out var values))
        {
            _values.Add(key, values = []);
        }

        foreach (var column in texts.Attributes.Columns)
        {
            var value = texts.Attribute(block, i, column);
            if (!values.TryGetValue(column.Name, out var other) || IsLater(value, other))
            {
                values[column.Name] = value;
            }
        }
    }

    // In the order of bytes, as a report compares.
    private static bool IsLater(string value, string other) =>
        Encoding.UTF8.GetBytes(value).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(other)) > 0;
}
