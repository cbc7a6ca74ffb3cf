using Churn.Cli.Report.Input;
using Churn.Client;
using Churn.Client.Facts;
using Churn.Ingestion.V1;

namespace Churn.Suite.Import.Csv;

/// <summary>Imports the rows of CSV files: each becomes facts, and what earlier imports said of it is taken out where it is no longer so.</summary>
internal sealed class RowImport
{
    private const int PageSize = 10_000;

    private readonly WholeRows _rows;
    private readonly IReadOnlyList<int> _files;
    private readonly string _source;
    private readonly ImportRejects _rejects;
    private readonly Dictionary<RowReader, ReaderTexts> _texts = [];
    private readonly Dictionary<Layout, AttributeColumns> _columns = [];
    private readonly Layout?[] _layouts;
    private readonly StandingFacts _standing = new();
    private readonly List<(string Id, string VoidId, long Tag)> _moved = [];

    /// <summary>Makes the import of some rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="files">The numbers of their files among all files of the command, which tags have.</param>
    /// <param name="source">The source of their facts.</param>
    /// <param name="rejects">Takes what is not imported.</param>
    /// <param name="notes">Takes sentences about what is left out.</param>
    /// <exception cref="ReportException">The columns of a file cannot be attributes.</exception>
    public RowImport(WholeRows rows, IReadOnlyList<int> files, string source, ImportRejects rejects, ICollection<string> notes)
    {
        (_rows, _files, _source, _rejects) = (rows, files, source, rejects);
        _layouts = new Layout?[rows.Files.Count];
        foreach (var block in rows.Blocks)
        {
            if (_texts.ContainsKey(block.Reader))
            {
                continue;
            }

            var layout = block.Reader.Particulars.Layout;
            _layouts[block.File] = layout;
            if (!_columns.TryGetValue(layout, out var columns))
            {
                var own = new List<string>();
                try
                {
                    columns = new AttributeColumns(layout, own);
                }
                catch (ReportException e)
                {
                    throw new ReportException($"{Printable.OfPath(rows.Files[block.File])} {e.Message}");
                }

                _columns.Add(layout, columns);
                foreach (var note in own)
                {
                    notes.Add($"{Printable.OfPath(rows.Files[block.File])}: {note}");
                }
            }

            _texts.Add(block.Reader, new ReaderTexts(block.Reader, columns));
        }
    }

    /// <summary>Gives how many rows count.</summary>
    public long Rows { get; private set; }

    /// <summary>Reads what earlier imports of the source recorded.</summary>
    public async Task ReadStandingAsync(ChurnClient client, Action<long> show, CancellationToken stop)
    {
        var read = 0L;
        var request = new ListFactsRequest { Source = _source, PageSize = PageSize };
        var next = client.Ingestion.ListFactsAsync(request, cancellationToken: stop).ResponseAsync;
        while (true)
        {
            var page = await next;
            if (page.NextPageToken.Length > 0)
            {
                // The server reads the next page while this one is taken in.
                next = client.Ingestion.ListFactsAsync(new ListFactsRequest(request) { PageToken = page.NextPageToken }, cancellationToken: stop).ResponseAsync;
            }

            foreach (var fact in page.Facts)
            {
                _standing.Add(fact);
            }

            if (page.NextPageToken.Length == 0)
            {
                return;
            }

            read += page.Facts.Count;
            if (read > 0)
            {
                show(read);
            }
        }
    }

    /// <summary>Writes the facts of all rows.</summary>
    public async Task WriteAsync(FactWriter writer, ChurnClient client, long now, CancellationToken stop)
    {
        var rows = new RowFacts(_source, now, new ProfileTies(_rows, block => _texts[block.Reader]), _rejects);
        var batch = writer.NewBatch();
        var plan = new List<(RowField Field, Fact Fact)>();
        foreach (var block in _rows.Blocks)
        {
            var texts = _texts[block.Reader];
            for (var i = 0; i < block.Count; i++)
            {
                if (block.Rows[i].Customer < 0)
                {
                    continue;
                }

                Rows++;
                plan.Clear();
                Plan(rows, block, i, texts, plan);
                foreach (var (field, fact) in plan)
                {
                    if (batch.IsFull)
                    {
                        await writer.WriteAsync(batch, stop);
                        batch = writer.NewBatch();
                    }

                    batch.Add(fact, TagOf(block, i, field));
                }
            }
        }

        await writer.WriteAsync(batch, stop);
        await RetractMovedAsync(writer, client, stop);
    }

    /// <summary>Gives the column that says what the server finds fault with; empty where it is the whole row.</summary>
    /// <param name="file">The number of the file among those of the rows.</param>
    /// <param name="field">What of the row the fact says.</param>
    /// <param name="path">The path of the fact's field.</param>
    public string ColumnOf(int file, RowField field, string path)
    {
        if (_layouts[file] is not { } layout)
        {
            return "";
        }

        const string profile = "customer_profile.";
        if (path.StartsWith(profile, StringComparison.Ordinal))
        {
            return _columns[layout].Columns.Where(c => path.EndsWith('.' + c.Name, StringComparison.Ordinal)).Select(c => layout.Names[c.Header]).FirstOrDefault("");
        }

        var start = layout.Tenure >= 0 ? layout.Tenure : layout.Start;
        var end = layout.Tenure >= 0 ? layout.Churned : layout.End;
        var column = path switch
        {
            "customer_id" => layout.Customer,
            "sequence" => layout.Recorded,
            "occur_time" => field == RowField.End ? end : start,
            _ when path.EndsWith(".subscription_id", StringComparison.Ordinal) => layout.Subscription,
            _ when path.EndsWith(".plan", StringComparison.Ordinal) => layout.Plan,
            _ when path.EndsWith(".currency", StringComparison.Ordinal) => layout.Currency,
            _ when path.Contains(".price", StringComparison.Ordinal) => layout.Price,
            _ when path.EndsWith(".effective_time", StringComparison.Ordinal) => end,
            _ => -1,
        };
        return column < 0 ? "" : layout.Names[column];
    }

    private void Plan(RowFacts rows, RowBlock block, int i, ReaderTexts texts, List<(RowField Field, Fact Fact)> plan)
    {
        if (rows.Of(block, i, texts, _rows.Files[block.File], out var row) is not { } said)
        {
            return;
        }

        var known = _standing.Count == 0 ? [] : _standing.OfRow(row).ToList();
        var moved = new List<(RowField Field, RowEvent Stale)>();
        RowPlanner.Plan(row, said, known, plan, moved);
        foreach (var (field, stale) in moved)
        {
            _moved.Add((stale.Id(row), stale.VoidId(row), TagOf(block, i, field)));
        }
    }

    private long TagOf(RowBlock block, int i, RowField field) =>
        new Tag(_files[block.File], block.FirstLine + block.Rows[i].Line, field).Packed;

    // What was said of another customer names that one, which only the fact itself knows.
    private async Task RetractMovedAsync(FactWriter writer, ChurnClient client, CancellationToken stop)
    {
        foreach (var (id, voidId, tag) in _moved)
        {
            var fact = (await client.Ingestion.GetFactAsync(new GetFactRequest { Source = _source, EventId = id }, cancellationToken: stop)).Fact;
            await writer.WriteAsync(RowPlanner.Retraction(id, voidId, _source, fact.CustomerId, fact.OccurTime), tag, stop);
        }
    }
}
