using Churn.Ingestion.V1;
using Churn.Metrics.Books;
using Churn.Metrics.Consumers;
using Churn.Metrics.Owners;
using Churn.Metrics.Signals;
using Churn.Metrics.Storage;
using Churn.Metrics.Sums;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Metrics.Tests.Consumers;

/// <summary>Gives facts to a handler over a real database, as a consumer of the stream does, in batches of any size.</summary>
internal sealed class Desk : IDisposable
{
    private readonly string _folder;
    private readonly bool _ownsFolder;
    private readonly Desk? _first;
    private readonly Dictionary<int, Lease> _leases = [];
    private readonly long[] _offsets = new long[Shards.Count];

    public Desk(string? folder = null, DateTimeOffset? now = null)
        : this(null, "test", folder, now)
    {
        foreach (var lease in Leases.Take(Name, Address, []).Held)
        {
            _leases.Add(lease.Shard, lease);
        }
    }

    private Desk(Desk? first, string name, string? folder, DateTimeOffset? now)
    {
        (_first, Name) = (first, name);
        Clock = first?.Clock ?? new(now ?? RandomHistories.Start.AddDays(155));
        _ownsFolder = first is null && folder is null;
        _folder = first?._folder ?? folder ?? Directory.CreateTempSubdirectory("churn-metrics-").FullName;
        Database = first?.Database ?? Database.Open(
            Path.Combine(_folder, "metrics.db"), new DatabaseOptions { Name = "ledger", Migrations = [LeaseTable.Schema, .. LedgerStore.Migrations] });
        Fields = new HotFields(Clock) { IsWritten = true };
        Leases = new LeaseTable(Database, Clock);
        Store = new LedgerStore(Database);
        Signals = first?.Signals ?? new StreamLog(Database, SignalLog.Stream, Clock);
        var log = new SignalLog(Signals);
        Handler = new FactsHandler(Store, Shelf, log, Fields, Clock);
        Due = new DueSignals(Store, Shelf, log, () => [.. _leases.Values], _ => Now, Clock, NullLogger<DueSignals>.Instance);
        Progress = new DeskProgress(this);
    }

    /// <summary>Gives the name under which it holds leases.</summary>
    public string Name { get; }

    public string Address => $"http://{Name}.example";

    public Database Database { get; }

    public LeaseTable Leases { get; }

    public DeskProgress Progress { get; }

    public HotFields Fields { get; }

    public FakeTimeProvider Clock { get; }

    public long Now => (Clock.GetUtcNow().UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / 10;

    /// <summary>Gives what raises the signals of time; every fact recorded until now is taken to be applied.</summary>
    public DueSignals Due { get; }

    public Shelf Shelf { get; } = new(["country", "size"]);

    public LedgerStore Store { get; }

    public StreamLog Signals { get; }

    public FactsHandler Handler { get; }

    /// <summary>Loads what is on disk, as a start does.</summary>
    public async Task<Desk> OpenAsync()
    {
        await LoadAsync([.. _leases.Values]);
        return this;
    }

    /// <summary>Gives another desk over the same database and clock that holds no shards, as another process would.</summary>
    public Desk Beside(string name) => new(this, name, null, null);

    /// <summary>Gives shards to another desk, as leases that move do.</summary>
    public async Task MoveAsync(Desk to, IReadOnlyCollection<int> shards)
    {
        foreach (var shard in shards)
        {
            _leases.Remove(shard);
        }

        await Handler.GiveUpAsync([.. shards], TestContext.Current.CancellationToken);
        var taken = Database.Write(connection =>
        {
            connection.Prepare("INSERT INTO lease_owner (owner, address, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT (owner) DO UPDATE SET expires_at = excluded.expires_at")
                .Bind(1, to.Name).Bind(2, to.Address).Bind(3, long.MaxValue).Execute();
            var leases = new List<Lease>();
            foreach (var shard in shards)
            {
                var row = connection.Prepare("SELECT term FROM lease WHERE shard = ?1").Bind(1, shard);
                row.Step();
                leases.Add(new Lease(shard, row.Number(0) + 1));
                row.Rewind();
                connection.Prepare("UPDATE lease SET owner = ?1, term = ?2, expires_at = ?3 WHERE shard = ?4")
                    .Bind(1, to.Name).Bind(2, leases[^1].Term).Bind(3, long.MaxValue).Bind(4, shard).Execute();
            }

            return leases;
        });
        await to.LoadAsync(taken);
    }

    private async Task LoadAsync(List<Lease> taken)
    {
        foreach (var point in await Handler.TakeAsync(taken, TestContext.Current.CancellationToken))
        {
            _offsets[point.Shard] = point.Offset;
        }

        foreach (var lease in taken)
        {
            _leases[lease.Shard] = lease;
        }
    }

    public Lease? LeaseOf(int shard) => _leases.TryGetValue(shard, out var lease) ? lease : null;

    /// <summary>Gives the facts that could not be applied.</summary>
    public long Quarantined => Enumerable.Range(0, Shards.Count).Sum(Handler.QuarantinedIn);

    public long AppliedOf(int shard) => _offsets[shard];

    /// <summary>Applies facts in one batch, as one chunk a shard, recorded now.</summary>
    public Task ApplyAsync(params IEnumerable<Fact> facts) => ApplyAsync(facts.Select(fact => (fact, Now)));

    /// <summary>Applies facts in one batch, recorded when each says.</summary>
    public Task ApplyAsync(IEnumerable<(Fact Fact, long RecordTime)> facts) =>
        ApplyRecordsAsync([.. facts.Select(f => (Shards.Of(Tenants.Default, f.Fact.CustomerId, Shards.Count), f.Fact.ToByteArray(), f.RecordTime))]);

    public async Task ApplyRecordsAsync(IReadOnlyList<(int Shard, byte[] Record, long RecordTime)> records)
    {
        var pages = records.GroupBy(r => r.Shard).Select(shard =>
        {
            var chunks = shard.GroupBy(r => r.RecordTime).Select(commit =>
            {
                using var bytes = new MemoryStream();
                foreach (var (_, record, _) in commit)
                {
                    using var output = new CodedOutputStream(bytes, leaveOpen: true);
                    output.WriteBytes(ByteString.CopyFrom(record));
                }

                _offsets[shard.Key] += commit.Count();
                return new StreamChunk(_offsets[shard.Key], commit.Count(), commit.Key, Tenants.Default, bytes.ToArray(), 1);
            }).ToList();
            return new ShardPage(_leases[shard.Key], new StreamPage(chunks, new ShardHead(shard.Key, _offsets[shard.Key], 1, 1)));
        });
        await Handler.ApplyAsync([.. pages], TestContext.Current.CancellationToken);
        Progress.Change();
    }

    /// <summary>Lets another process of the same name take all leases.</summary>
    public void LoseLeases() => Leases.Take(Name, Address, []);

    /// <summary>Gives all signals raised, in the order of the stream within each shard.</summary>
    public async Task<List<Signal>> SignalsAsync()
    {
        var signals = new List<Signal>();
        for (var shard = 0; shard < Shards.Count; shard++)
        {
            var page = await Signals.ReadAsync(shard, 0, int.MaxValue, TestContext.Current.CancellationToken);
            signals.AddRange(page.Chunks.SelectMany(chunk => chunk.Read()).Select(record => Signal.Parser.ParseFrom(record.Span)));
        }

        return signals;
    }

    /// <summary>Gives everything the books hold, as text.</summary>
    public IReadOnlyList<string> Contents()
    {
        var lines = new List<string>();
        foreach (var book in Shelf.BooksOf(Tenants.Default, ShardSet.Of(_leases.Keys))!)
        {
            for (var customer = 0; customer < book.Count; customer++)
            {
                var plans = Shelf.Vocabulary.Plans;
                var at = customer;
                var terms = book.TermsOf(customer).ToArray().Select(t => $"[{t.Start} {t.End} {t.Mrr} {plans.NameOf(t.Plan)}/{plans.Currencies[plans.CurrencyOf(t.Plan)]} {t.State} {t.Completes}]");
                var attributes = Enumerable.Range(0, Shelf.Vocabulary.Attributes.Count)
                    .Select(a => $"{Shelf.Vocabulary.Attributes[a]}={Shelf.Vocabulary.Values[book.ValueOf(at, a)]}").Where(a => !a.EndsWith('=')).Order(StringComparer.Ordinal);
                lines.Add($"{book.IdOf(customer)} {string.Concat(terms)} {string.Join(' ', attributes)}".TrimEnd());
            }
        }

        lines.Sort(StringComparer.Ordinal);
        return lines;
    }

    public void Dispose()
    {
        if (_first is null)
        {
            Database.Dispose();
        }

        if (_ownsFolder)
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
