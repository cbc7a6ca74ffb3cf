using System.Buffers;
using System.Text;
using Churn.Metrics.Domain;

namespace Churn.Cli.Report.Input;

/// <summary>Reads files into <see cref="Subscriptions"/> with several threads.</summary>
internal sealed class Reading
{
    private readonly InputOptions _options;
    private readonly int _threads;
    private readonly int _blockSize;
    private readonly List<RowBlock> _blocks = [];
    private readonly List<RowReader> _readers = [];
    private readonly List<Reject> _rejects = [];
    private readonly List<string> _notes = [];
    private readonly List<bool> _currencyStated = [];
    private byte[] _currency;

    private Reading(InputOptions options, int threads, int blockSize)
    {
        (_options, _threads, _blockSize) = (options, threads, blockSize);
        _currency = Encoding.ASCII.GetBytes(options.Currency?.ToUpperInvariant() ?? "");
    }

    /// <summary>Reads the files that the options name.</summary>
    /// <param name="options">What to read, and how.</param>
    /// <param name="open">Opens a file by its name.</param>
    /// <param name="threads">How many threads may read.</param>
    /// <param name="blockSize">How many bytes are read at once; what is read is the same with any number.</param>
    /// <exception cref="ReportException">A file cannot be read at all, or no row of any.</exception>
    public static Subscriptions Read(InputOptions options, Func<string, Stream> open, int threads, int blockSize = Blocks.DefaultSize)
    {
        var reading = new Reading(options, threads, blockSize);
        reading.ReadFiles(open);
        reading.NoteCurrencies();
        return reading.Assemble();
    }

    /// <summary>Reads the files that the options name, and keeps their rows as they are: those of one subscription id are counted once.</summary>
    /// <param name="options">What to read, and how; <see cref="InputOptions.KeepsRowsWhole"/> is set.</param>
    /// <param name="open">Opens a file by its name.</param>
    /// <param name="threads">How many threads may read.</param>
    /// <param name="blockSize">How many bytes are read at once; what is read is the same with any number.</param>
    /// <exception cref="ReportException">A file cannot be read at all.</exception>
    public static WholeRows ReadWhole(InputOptions options, Func<string, Stream> open, int threads, int blockSize = Blocks.DefaultSize)
    {
        var reading = new Reading(options, threads, blockSize);
        reading.ReadFiles(open);
        var duplicates = reading.Deduplicate();
        reading._rejects.Sort((a, b) => (a.File, a.Line).CompareTo((b.File, b.Line)));
        return new WholeRows
        {
            Blocks = reading._blocks,
            Files = [.. Enumerable.Range(0, options.Files.Count).Select(reading.NameOf)],
            Rejects = reading._rejects,
            Notes = reading._notes,
            Duplicates = duplicates,
        };
    }

    private void ReadFiles(Func<string, Stream> open)
    {
        for (var file = 0; file < _options.Files.Count; file++)
        {
            ReadFile(file, open);
        }
    }

    private void ReadFile(int file, Func<string, Stream> open)
    {
        try
        {
            using var stream = open(_options.Files[file]);
            using var blocks = Blocks.Open(stream, out var header, _blockSize);
            var layout = Layout.Read(header, _options);
            foreach (var note in layout.Notes)
            {
                _notes.Add($"{ShownName(file)}: {note}");
            }

            if (!_options.KeepsRowsWhole)
            {
                ChooseCurrency(blocks, layout);
            }
            else if (layout.Currency < 0 && _options.Currency is null)
            {
                throw new ReportException("states no currency: --currency CODE states what its amounts are in");
            }

            _currencyStated.Add(layout.Currency >= 0);
            var first = _blocks.Count;
            ReadBlocks(file, blocks, layout);
            NumberLines(file, first, blocks);
        }
        catch (ReportException e)
        {
            throw new ReportException($"{ShownName(file)} {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ReportException($"{ShownName(file)} does not exist");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ReportException($"{ShownName(file)} cannot be read: {Printable.OfPath(e.Message)}");
        }
    }

    private string NameOf(int file) => _options.Files[file] == "-" ? "standard input" : _options.Files[file];

    private string ShownName(int file) => Printable.OfPath(NameOf(file));

    // One report is in one currency: the one asked for, or that of the first row that has one.
    private void ChooseCurrency(Blocks blocks, Layout layout)
    {
        if (layout.Currency >= 0 && _currency.Length == 0)
        {
            var found = blocks.FirstField(layout.Currency, layout.Names.Count, Currencies.IsCode);
            _currency = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(found).ToUpperInvariant());
        }
    }

    // A file without the column is read with those that have it; whether that is right only its owner knows.
    private void NoteCurrencies()
    {
        for (var file = 0; file < _currencyStated.Count && _currencyStated.Contains(true) && _options.Currency is null; file++)
        {
            if (!_currencyStated[file])
            {
                _notes.Add($"{ShownName(file)}: no currency is stated; its amounts are taken as {Encoding.ASCII.GetString(_currency)}");
            }
        }
    }

    private void ReadBlocks(int file, Blocks blocks, Layout layout) => Work.OnEach(blocks.IsSmall ? 1 : _threads, _ =>
    {
        var reader = new RowReader(layout, _options, blocks.Delimiter, _currency);
        var mine = new List<RowBlock>();
        while (blocks.Next() is { } block)
        {
            mine.Add(reader.Read(file, block));
            if (block.Buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(block.Buffer);
            }
        }

        reader.SortCustomers();
        lock (_blocks)
        {
            reader.Number = _readers.Count;
            _blocks.AddRange(mine);
            _readers.Add(reader);
        }
    });

    private void NumberLines(int file, int first, Blocks blocks)
    {
        _blocks.Sort(first, _blocks.Count - first, Comparer<RowBlock>.Create((a, b) => a.Number.CompareTo(b.Number)));
        var line = blocks.FirstLine;
        foreach (var block in _blocks.Skip(first))
        {
            block.FirstLine = line;
            line += block.Lines;
            foreach (var reject in block.Rejects)
            {
                Reject(block, reject.Line, reject.Column, reject.Reason);
            }
        }

        if (blocks.Fault is not null)
        {
            _rejects.Add(new Reject(file, line, "", blocks.Fault));
        }
        else if (!blocks.EndsWithLineEnd)
        {
            _notes.Add($"{ShownName(file)}: the last line has no line end; if the file was cut, so may be its last row");
        }
    }

    private void Reject(RowBlock block, int line, string column, string reason) =>
        _rejects.Add(new Reject(block.File, block.FirstLine + line, column, reason));

    private Subscriptions Assemble()
    {
        var duplicates = 0;
        var customers = MergedNames.Of([], [[]]);
        // Duplicates go by the rows, names by the readers' tables: neither waits for the other.
        Work.Run(_threads, 2, task =>
        {
            if (task == 0)
            {
                duplicates = Deduplicate();
            }
            else
            {
                customers = MergedNames.Of([.. _readers.Select(r => r.Customers)], [.. _readers.Select(r => r.SortedCustomers)]);
            }
        });
        var counts = Count(customers);
        var offsets = new int[customers.Count + 1];
        for (var i = 0; i < counts.Length; i++)
        {
            offsets[i + 1] = offsets[i] + counts[i];
        }

        if (offsets[^1] == 0)
        {
            throw NothingRead();
        }

        var plans = Merge(r => r.Plans);
        var (terms, firstStart, latest) = Group(offsets, plans.Numbers);
        var (segments, segmentOf) = _options.By is null || _options.IsByPlan ? ([], []) : LatestSegments(customers.Count);
        _rejects.Sort((a, b) => (a.File, a.Line).CompareTo((b.File, b.Line)));
        return new Subscriptions
        {
            Customers = customers,
            Order = WithRows(counts),
            Plans = plans.Texts(),
            Segments = segments,
            SegmentOf = segmentOf,
            Currency = Encoding.ASCII.GetString(_currency),
            Duplicates = duplicates,
            Files = [.. Enumerable.Range(0, _options.Files.Count).Select(NameOf)],
            Rejects = _rejects,
            Notes = _notes,
            FirstStart = firstStart,
            Latest = latest,
            Terms = terms,
            Offsets = offsets,
        };
    }

    private int Deduplicate()
    {
        var duplicates = Duplicates.Find(_blocks);
        foreach (var (block, row, other, otherRow) in duplicates.Conflicts)
        {
            var place = other.FirstLine + other.Rows[otherRow].Line;
            var where = other.File == block.File ? $"line {place}" : $"{ShownName(other.File)}, line {place}";
            Reject(block, block.Rows[row].Line, "subscription_id", $"stands with other content in {where}; neither is counted");
        }

        return duplicates.Dropped;
    }

    private ReportException NothingRead()
    {
        if (_rejects.Count == 0)
        {
            return new ReportException(
                $"{string.Join(", ", _options.Files.Select((_, i) => ShownName(i)))} {(_options.Files.Count == 1 ? "holds" : "hold")} a header and no rows");
        }

        _rejects.Sort((a, b) => (a.File, a.Line).CompareTo((b.File, b.Line)));
        var first = _rejects[0];
        return new ReportException(
            $"{ShownName(first.File)} has no row that can be reported; {(_rejects.Count == 1 ? "the reason is" : $"the first of {_rejects.Count} reasons is")} in line {first.Line}: {first.Text}",
            _rejects);
    }

    private MergedNames Merge(Func<RowReader, Names> namesOf)
    {
        var tables = _readers.ConvertAll(r => namesOf(r));
        return MergedNames.Of(tables, tables.ConvertAll(t => t.Sorted()));
    }

    // Numbers the customers of all rows alike and counts their rows.
    private int[] Count(MergedNames customers)
    {
        var counts = new int[customers.Count];
        Work.Run(_threads, _blocks.Count, number =>
        {
            var block = _blocks[number];
            var map = customers.Numbers[block.Reader.Number];
            for (var i = 0; i < block.Count; i++)
            {
                ref var row = ref block.Rows[i];
                if (row.Customer >= 0)
                {
                    row.Customer = map[row.Customer];
                    Interlocked.Increment(ref counts[row.Customer]);
                }
            }
        });
        RejectUnsummable(counts);
        return counts;
    }

    private static int[] WithRows(int[] counts)
    {
        var customers = new int[counts.Length];
        var kept = 0;
        for (var customer = 0; customer < counts.Length; customer++)
        {
            if (counts[customer] > 0)
            {
                customers[kept++] = customer;
            }
        }

        return customers[..kept];
    }

    private void RejectUnsummable(int[] counts)
    {
        // Fewer prices than this cannot exceed an int64 together.
        const int safe = (int)(long.MaxValue / Money.Largest);
        if (!counts.AsSpan().ContainsAnyExceptInRange(0, safe))
        {
            return;
        }

        var sums = new Int128[counts.Length];
        foreach (var block in _blocks)
        {
            foreach (ref readonly var row in block.Rows.AsSpan(0, block.Count))
            {
                if (row.Customer >= 0)
                {
                    sums[row.Customer] += row.Mrr;
                }
            }
        }

        for (var customer = 0; customer < counts.Length; customer++)
        {
            if (sums[customer] > long.MaxValue)
            {
                RejectAll(customer);
                counts[customer] = 0;
            }
        }
    }

    private void RejectAll(int customer)
    {
        foreach (var block in _blocks)
        {
            for (var i = 0; i < block.Count; i++)
            {
                if (block.Rows[i].Customer == customer)
                {
                    Reject(block, block.Rows[i].Line, "", "the prices of this row's customer add up to more than 9223372036854 units");
                    block.Rows[i].Customer = -1;
                }
            }
        }
    }

    // A customer's terms come in any order: a timeline is a function of their set.
    private (Term[] Terms, long FirstStart, long Latest) Group(
        int[] offsets, IReadOnlyList<int[]> planOf)
    {
        var terms = new Term[offsets[^1]];
        var next = offsets[..^1];
        var (firstStart, latest) = (new long[_blocks.Count], new long[_blocks.Count]);
        Work.Run(_threads, _blocks.Count, number =>
        {
            var block = _blocks[number];
            var plans = planOf[block.Reader.Number];
            var (first, last) = (long.MaxValue, long.MinValue);
            for (var i = 0; i < block.Count; i++)
            {
                ref var row = ref block.Rows[i];
                if (row.Customer < 0)
                {
                    continue;
                }

                var place = Interlocked.Increment(ref next[row.Customer]) - 1;
                terms[place] = new Term(row.Start, row.End, row.Mrr, plans[row.Plan]);
                first = Math.Min(first, row.Start);
                last = Math.Max(last, Math.Max(row.Start, row.SourceRecordTime));
                last = row.End == Calendar.Open ? last : Math.Max(last, row.End);
            }

            (firstStart[number], latest[number]) = (first, last);
        });
        return (terms, firstStart.Min(), latest.Max());
    }

    // A customer's segment is its latest value: of the row that starts last, then was recorded last, then sorts last.
    private (string[] Names, int[] SegmentOf) LatestSegments(int customers)
    {
        var segments = Merge(r => r.Segments);
        var best = new (long Start, long Recorded, int Segment)[customers];
        Array.Fill(best, (long.MinValue, long.MinValue, 0));
        foreach (var block in _blocks)
        {
            var map = segments.Numbers[block.Reader.Number];
            foreach (ref readonly var row in block.Rows.AsSpan(0, block.Count))
            {
                if (row.Customer >= 0)
                {
                    var candidate = (row.Start, row.SourceRecordTime, map[row.Segment]);
                    if (candidate.CompareTo(best[row.Customer]) > 0)
                    {
                        best[row.Customer] = candidate;
                    }
                }
            }
        }

        return (segments.Texts(), Array.ConvertAll(best, b => b.Segment));
    }
}
