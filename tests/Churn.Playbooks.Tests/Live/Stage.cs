using Churn.Playbooks.Consumers;
using Churn.Playbooks.Domain;
using Churn.Playbooks.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using WireSend = Churn.Notifications.V1.SendRequest;
using WireSignal = Churn.Metrics.V1.Signal;

namespace Churn.Playbooks.Tests.Live;

/// <summary>Gives signals to the handler over real databases as the consumer of the stream does, and fires timers as the loop does.</summary>
internal sealed class Stage : IDisposable, IPlaybookReader
{
    private readonly string _folder;
    private readonly Dictionary<string, Playbook> _playbooks = new(StringComparer.Ordinal);
    private readonly long[] _applied = new long[Shards.Count];
    private Database _signalsFile = null!;
    private Database _file = null!;
    private StreamLog _signals = null!;
    private IReadOnlyList<Lease> _leases = [];

    public Stage(IEnumerable<Playbook> playbooks, double globalHoldoutShare = 0, bool starts = true)
    {
        _folder = Directory.CreateTempSubdirectory("churn-playbooks-").FullName;
        GlobalHoldoutShare = globalHoldoutShare;
        Clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddTicks(World.Start * 10));
        Open();
        foreach (var playbook in playbooks)
        {
            Save(playbook);
            if (starts)
            {
                Start(playbook.Name);
            }
        }
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public double GlobalHoldoutShare { get; }

    public PlaybooksStore Store { get; private set; } = null!;

    public PlaybooksHandler Handler { get; private set; } = null!;

    public StreamLog Requests { get; private set; } = null!;

    public Policies Policies { get; private set; } = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Ends as a process does, and starts again on what is on disk.</summary>
    public void Restart()
    {
        Close();
        Open();
    }

    public void Save(Playbook playbook)
    {
        var document = $"{playbook.Name} {playbook.Version}";
        _playbooks[document] = playbook;
        Store.Write(connection => PlaybookRows.Add(connection, Tenants.Default, playbook.Name, playbook.Version, document, Clock.Now()));
    }

    public void Start(string name) => Store.Write(connection => PlaybookRows.Start(connection, Tenants.Default, name, Clock.Now()));

    public void Pause(string name) => Store.Write(connection => PlaybookRows.Pause(connection, Tenants.Default, name));

    public SavedPlaybook Read(string document, int version) => new(_playbooks[document], "Title", "", document);

    /// <summary>Moves the clock to when the signal becomes known, and records it.</summary>
    public void Record(WireSignal signal) => Record([signal]);

    public void Record(IReadOnlyList<WireSignal> signals)
    {
        foreach (var signal in signals)
        {
            MoveTo(Instants.FromWire(signal.KnownTime));
            RecordBytes(signal.CustomerId, signal.ToByteArray());
        }
    }

    public void RecordBytes(string customer, byte[] record) => _signalsFile.Write(connection =>
    {
        var append = _signals.Append(connection);
        append.Add(Shards.Of(Tenants.Default, customer, Shards.Count), Tenants.Default, record);
        append.Complete();
    });

    public void MoveTo(long instant)
    {
        if (instant > Clock.Now())
        {
            Clock.SetUtcNow(DateTimeOffset.UnixEpoch.AddTicks(instant * 10));
        }
    }

    /// <summary>Applies what was recorded, in pages of a size.</summary>
    public async Task ApplyAsync(int mostBytes = 1 << 20)
    {
        while (true)
        {
            var pages = new List<ShardPage>();
            foreach (var lease in _leases)
            {
                var page = await _signals.ReadAsync(lease.Shard, _applied[lease.Shard], mostBytes, Ct);
                if (page.Chunks.Count > 0)
                {
                    pages.Add(new ShardPage(lease, page));
                }
            }

            if (pages.Count == 0)
            {
                return;
            }

            await Handler.ApplyAsync(pages, Ct);
            pages.ForEach(page => _applied[page.Lease.Shard] = page.Applied.Offset);
        }
    }

    /// <summary>Fires what is due by the clock; all that was recorded until then must have been applied.</summary>
    public async Task FireAsync()
    {
        while (await Handler.FireAsync([.. _leases.Select(lease => (lease, Clock.Now()))]) > 0)
        {
        }
    }

    /// <summary>Gives what happened to a customer, in order, as text.</summary>
    public List<string> Told(string customer) => Store.Read(connection =>
    {
        var row = connection.Prepare("""
            SELECT e.time, e.kind, e.run, e.step, e.detail, e.status FROM run_event e JOIN run r ON r.tenant = e.tenant AND r.id = e.run WHERE r.customer = ? ORDER BY e.number
            """).Bind(1, customer);
        var told = new List<string>();
        while (row.Step())
        {
            told.Add(new RunEvent(row.Number(0), (RunEventKind)row.Number(1), row.Text(2), row.Text(3), row.Text(4), (RunStatus)row.Number(5)).ToString());
        }

        return told;
    });

    /// <summary>Gives the messages that a customer was to get, in order.</summary>
    public async Task<List<WireSend>> RequestsOfAsync(string customer)
    {
        var page = await Requests.ReadAsync(Shards.Of(Tenants.Default, customer, Shards.Count), 0, int.MaxValue, Ct);
        return [.. page.Chunks.SelectMany(chunk => chunk.Read()).Select(record => WireSend.Parser.ParseFrom(record.Span)).Where(send => send.Recipient.CustomerId == customer)];
    }

    public Journey JourneyOf(string customer) => Store.Read(connection =>
        PlaybooksStore.Load(connection, Shards.Of(Tenants.Default, customer, Shards.Count), Tenants.Default, customer));

    public List<(string Id, long State)> TasksOf(string customer) => Store.Read(connection =>
    {
        var row = connection.Prepare("SELECT id, state FROM task WHERE customer = ? ORDER BY id").Bind(1, customer);
        var tasks = new List<(string, long)>();
        while (row.Step())
        {
            tasks.Add((row.Text(0), row.Number(1)));
        }

        return tasks;
    });

    public void Reset(int shard)
    {
        Handler.ResetAsync(_leases.Single(lease => lease.Shard == shard), Ct).GetAwaiter().GetResult();
        _applied[shard] = 0;
    }

    public void Dispose()
    {
        Close();
        Directory.Delete(_folder, recursive: true);
    }

    private void Open()
    {
        _signalsFile = Database.Open(Path.Combine(_folder, "signals.db"), new DatabaseOptions { Name = "signals", Migrations = [StreamLog.Schema("signals")] });
        _file = Database.Open(Path.Combine(_folder, "playbooks.db"), new DatabaseOptions { Name = PlaybooksHost.Name, Migrations = PlaybooksHost.Migrations });
        _signals = new StreamLog(_signalsFile, "signals", Clock);
        _leases = new LeaseTable(_file, Clock).Take("test", "", []).Held;
        Store = new PlaybooksStore(_file);
        Requests = new StreamLog(_file, PlaybooksHost.Requests, Clock);
        var options = new PlaybooksOptions { DataFolder = _folder, GlobalHoldoutShare = GlobalHoldoutShare, Salt = "salt" };
        Policies = new Policies(options, this, NullLogger<Policies>.Instance);
        Handler = new PlaybooksHandler(Store, Policies, Requests, NullLogger<PlaybooksHandler>.Instance);
        foreach (var point in Handler.TakeAsync(_leases, Ct).GetAwaiter().GetResult())
        {
            _applied[point.Shard] = point.Offset;
        }
    }

    private void Close()
    {
        Handler.Dispose();
        _file.Dispose();
        _signalsFile.Dispose();
    }
}
