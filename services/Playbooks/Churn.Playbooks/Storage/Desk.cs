using System.Text;
using Churn.Playbooks.Consumers;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;

namespace Churn.Playbooks.Storage;

/// <summary>Loads customers, has the engine decide, and saves what came of it with its requests, all within one transaction.</summary>
internal sealed class Desk(DatabaseConnection connection, Policies policies, StreamLog requests)
{
    private readonly Dictionary<(string Tenant, string Customer), File> _files = [];
    private readonly Dictionary<string, Policy> _policies = new(StringComparer.Ordinal);
    private LogAppend? _append;

    /// <summary>Gives how much was put aside.</summary>
    public int Quarantined { get; private set; }

    /// <summary>Takes a signal; the exceptions are those of a signal that cannot be decided on, of which nothing is kept.</summary>
    public void Take(int shard, string tenant, Signal signal, ReadOnlyMemory<byte> record)
    {
        var file = FileOf(shard, tenant, signal.Customer);
        FireDue(file, Math.Max(file.Journey.Now, signal.KnownTime));
        Keep(file, Engine.Take(file.Journey, signal, PolicyOf(tenant)));
        file.Latest = record;
        file.Records[signal.Id] = record;
    }

    /// <summary>Fires the timers of a customer that are due by an instant.</summary>
    public void FireDue(int shard, string tenant, string customer, long until) => FireDue(FileOf(shard, tenant, customer), until);

    /// <summary>Puts aside what cannot be applied.</summary>
    public void PutAside(int shard, string tenant, long offset, long recordTime, string reason, ReadOnlySpan<byte> record)
    {
        AppliedRows.PutAside(connection, shard, tenant, offset, recordTime, reason, record);
        Quarantined++;
    }

    /// <summary>Saves all of it; only the commit is then to come.</summary>
    public void Save()
    {
        foreach (var file in _files.Values)
        {
            Save(file);
        }

        _append?.Complete();
    }

    /// <summary>Tells whether an exception is the input's fault: it would come again, however often it is tried.</summary>
    public static bool IsUndecidable(Exception exception) =>
        exception is InvalidDataException or OverflowException or ArgumentException or InvalidProtocolBufferException;

    private void FireDue(File file, long until)
    {
        while (Engine.NextDue(file.Journey, until) is { Due: { } due } run)
        {
            try
            {
                Keep(file, Engine.Decide(file.Journey, new Input.TimerDue(run.Id), PolicyOf(file.Tenant), due));
            }
            catch (Exception exception) when (IsUndecidable(exception))
            {
                // It stands still until its playbook is started again, and holds up no other.
                PutAside(file.Shard, file.Tenant, 0, due, exception.Message, Encoding.UTF8.GetBytes(run.Id));
                file.Journey = file.Journey with { Runs = [.. file.Journey.Runs.Select(other => ReferenceEquals(other, run) ? run with { Due = null } : other)] };
            }
        }
    }

    private static void Keep(File file, Decision decision)
    {
        file.Journey = decision.Journey;
        file.Effects.AddRange(decision.Effects);
        file.Events.AddRange(decision.Events);
    }

    private void Save(File file)
    {
        var (shard, tenant, journey) = (file.Shard, file.Tenant, file.Journey);
        if (journey.IsEmpty)
        {
            return;
        }

        var before = file.Loaded.Runs.ToDictionary(run => run.Id, StringComparer.Ordinal);
        foreach (var run in journey.Runs)
        {
            if (!before.TryGetValue(run.Id, out var known))
            {
                PlaybooksStore.AddRun(connection, shard, tenant, journey.Customer, run, run.Signal is null ? default : file.Records[run.SignalId].Span);
            }
            else if (!ReferenceEquals(run, known))
            {
                PlaybooksStore.SetRun(connection, tenant, run);
            }
        }

        foreach (var happened in file.Events)
        {
            PlaybooksStore.AddEvent(connection, tenant, happened);
        }

        foreach (var effect in file.Effects)
        {
            Do(file, effect);
        }

        PlaybooksStore.SaveJourney(connection, shard, tenant, journey, file.Latest);
    }

    private void Do(File file, Effect effect)
    {
        var (shard, tenant, customer) = (file.Shard, file.Tenant, file.Journey.Customer);
        switch (effect)
        {
            case Effect.Send send:
                (_append ??= requests.Append(connection)).Add(shard, tenant, send.ToWire(customer).ToByteArray());
                break;
            case Effect.MakeTask task:
                PlaybooksStore.AddTask(connection, shard, tenant, customer, task);
                break;
            case Effect.CancelTasks cancel:
                PlaybooksStore.CancelTasks(connection, tenant, cancel);
                break;
            case Effect.Expose expose:
                PlaybooksStore.AddExposure(connection, shard, tenant, customer, expose.Exposure);
                break;
            case Effect.Forget:
                PlaybooksStore.Forget(connection, shard, tenant, customer);
                break;
        }
    }

    private File FileOf(int shard, string tenant, string customer)
    {
        if (!_files.TryGetValue((tenant, customer), out var file))
        {
            _files.Add((tenant, customer), file = new File(shard, tenant, PlaybooksStore.Load(connection, shard, tenant, customer)));
        }

        return file;
    }

    private Policy PolicyOf(string tenant)
    {
        if (!_policies.TryGetValue(tenant, out var policy))
        {
            _policies.Add(tenant, policy = policies.Of(connection, tenant));
        }

        return policy;
    }

    /// <summary>Holds one customer as it was loaded and as it has become.</summary>
    private sealed record File(int Shard, string Tenant, Journey Loaded)
    {
        public Journey Journey { get; set; } = Loaded;

        public List<Effect> Effects { get; } = [];

        public List<RunEvent> Events { get; } = [];

        public ReadOnlyMemory<byte>? Latest { get; set; }

        public Dictionary<string, ReadOnlyMemory<byte>> Records { get; } = new(StringComparer.Ordinal);
    }
}
