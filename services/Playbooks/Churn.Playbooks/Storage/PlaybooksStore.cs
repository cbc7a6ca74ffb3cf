using System.Globalization;
using Churn.Playbooks.Consumers;
using Churn.Playbooks.Domain;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using WireSignal = Churn.Metrics.V1.Signal;

namespace Churn.Playbooks.Storage;

/// <summary>Keeps playbooks, and of every customer that entered one the runs, arms, tasks and what happened.</summary>
/// <remarks>A run has at most one timer, which is a column of it; the index over those that have one is what finds the due.</remarks>
internal sealed class PlaybooksStore(Database database)
{
    /// <summary>Gives the scripts that make the schema.</summary>
    public static readonly IReadOnlyList<string> Migrations =
    [
        $"""
        CREATE TABLE playbook (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            active INTEGER NOT NULL,
            PRIMARY KEY (tenant, name)
        ) WITHOUT ROWID;
        CREATE TABLE playbook_version (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            document TEXT NOT NULL,
            save_time INTEGER NOT NULL,
            PRIMARY KEY (tenant, name, version)
        );
        CREATE TABLE playbook_change (tenant TEXT PRIMARY KEY, number INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE journey (
            shard INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            now INTEGER NOT NULL,
            known BLOB,
            PRIMARY KEY (shard, tenant, customer)
        ) WITHOUT ROWID;
        CREATE TABLE run (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            shard INTEGER NOT NULL,
            customer TEXT NOT NULL,
            playbook TEXT NOT NULL,
            version INTEGER NOT NULL,
            status INTEGER NOT NULL,
            enter_time INTEGER NOT NULL,
            end_time INTEGER,
            signal_id TEXT NOT NULL,
            since INTEGER NOT NULL,
            step INTEGER NOT NULL,
            waits INTEGER NOT NULL,
            due_time INTEGER,
            sends TEXT NOT NULL,
            seen TEXT NOT NULL,
            signal BLOB
        );
        CREATE UNIQUE INDEX run_id ON run (tenant, id);
        CREATE INDEX run_customer ON run (shard, tenant, customer, enter_time);
        CREATE INDEX run_due ON run (shard, due_time) WHERE due_time IS NOT NULL;
        CREATE INDEX run_entered ON run (tenant, enter_time, id);
        CREATE INDEX run_playbook ON run (tenant, playbook, enter_time, id);
        CREATE INDEX run_open ON run (tenant, playbook, status) WHERE end_time IS NULL;
        CREATE TABLE run_event (
            number INTEGER PRIMARY KEY,
            tenant TEXT NOT NULL,
            run TEXT NOT NULL,
            time INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            step TEXT NOT NULL,
            detail TEXT NOT NULL,
            status INTEGER NOT NULL
        );
        CREATE INDEX run_event_run ON run_event (tenant, run, number);
        CREATE TABLE exposure (
            shard INTEGER NOT NULL,
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            playbook TEXT NOT NULL,
            held_out INTEGER NOT NULL,
            share TEXT NOT NULL,
            time INTEGER NOT NULL,
            version INTEGER NOT NULL,
            PRIMARY KEY (shard, tenant, customer, playbook)
        ) WITHOUT ROWID;
        CREATE INDEX exposure_playbook ON exposure (tenant, playbook, held_out, time);
        CREATE TABLE task (
            tenant TEXT NOT NULL,
            id TEXT NOT NULL,
            shard INTEGER NOT NULL,
            run TEXT NOT NULL,
            playbook TEXT NOT NULL,
            customer TEXT NOT NULL,
            title TEXT NOT NULL,
            note TEXT NOT NULL,
            owner TEXT NOT NULL,
            due_time INTEGER NOT NULL,
            state INTEGER NOT NULL,
            create_time INTEGER NOT NULL,
            close_time INTEGER,
            close_note TEXT NOT NULL,
            PRIMARY KEY (tenant, id)
        ) WITHOUT ROWID;
        CREATE INDEX task_due ON task (tenant, state, due_time, id);
        CREATE INDEX task_customer ON task (tenant, customer);
        {AppliedRows.Schema}
        """,
    ];

    public T Write<T>(Func<DatabaseConnection, T> work) => database.Write(work);

    public void Write(Action<DatabaseConnection> work) => database.Write(work);

    public T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default) => database.Read(work, cancellationToken);

    /// <summary>Loads all that is known of a customer in playbooks.</summary>
    public static Journey Load(DatabaseConnection connection, int shard, string tenant, string customer)
    {
        var runs = new List<Run>();
        var row = connection.Prepare("""
            SELECT id, playbook, version, status, enter_time, end_time, signal_id, since, step, waits, due_time, sends, seen, signal
            FROM run WHERE shard = ? AND tenant = ? AND customer = ? ORDER BY enter_time, rowid
            """).Bind(1, shard).Bind(2, tenant).Bind(3, customer);
        while (row.Step())
        {
            runs.Add(ToRun(row));
        }

        var exposures = new List<Exposure>();
        row = connection.Prepare("SELECT playbook, held_out, share, time, version FROM exposure WHERE shard = ? AND tenant = ? AND customer = ? ORDER BY time, playbook")
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer);
        while (row.Step())
        {
            exposures.Add(new Exposure(
                row.Text(0), row.Number(1) != 0, double.Parse(row.Text(2), CultureInfo.InvariantCulture), row.Number(3), (int)row.Number(4)));
        }

        if (runs.Count == 0)
        {
            return new Journey { Customer = customer, Exposures = exposures };
        }

        row = connection.Prepare("SELECT now, known FROM journey WHERE shard = ? AND tenant = ? AND customer = ?").Bind(1, shard).Bind(2, tenant).Bind(3, customer);
        return !row.Step()
            ? throw new StorageException($"What is known of customer '{customer}' is not there; restore the database from a backup.")
            : new Journey
            {
                Customer = customer,
                Now = row.Number(0),
                Profile = row.IsNull(1) ? null : WireSignal.Parser.ParseFrom(row.Blob(1)).ProfileFromWire(),
                Runs = runs,
                Exposures = exposures,
            };
    }

    /// <summary>Saves what is known of a customer.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="tenant">The tenant.</param>
    /// <param name="journey">What is known.</param>
    /// <param name="latest">The signal of which the profile is; null where it is as it was.</param>
    public static void SaveJourney(DatabaseConnection connection, int shard, string tenant, Journey journey, ReadOnlyMemory<byte>? latest)
    {
        // Only a timer looks at what was known: where none is to come it is not kept.
        var keeps = journey.Profile is not null && journey.Runs.Any(run => run is { IsOpen: true, Status: RunStatus.Running });
        var row = connection.Prepare("""
            INSERT INTO journey (shard, tenant, customer, now, known) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (shard, tenant, customer) DO UPDATE SET now = excluded.now, known = CASE ?6 WHEN 1 THEN journey.known ELSE excluded.known END
            """).Bind(1, shard).Bind(2, tenant).Bind(3, journey.Customer).Bind(4, journey.Now).Bind(6, keeps && latest is null ? 1 : 0);
        _ = keeps && latest is { } bytes ? row.Bind(5, bytes.Span) : row.BindNull(5);
        row.Execute();
    }

    public static void AddRun(DatabaseConnection connection, int shard, string tenant, string customer, Run run, ReadOnlySpan<byte> signal)
    {
        var row = connection.Prepare("""
            INSERT INTO run (version, status, end_time, step, waits, due_time, sends, seen, tenant, id, shard, customer, playbook, enter_time, signal_id, since, signal)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            """);
        BindChanging(row, run);
        row.Bind(9, tenant).Bind(10, run.Id).Bind(11, shard).Bind(12, customer).Bind(13, run.Playbook).Bind(14, run.Entered).Bind(15, run.SignalId).Bind(16, run.Since);
        _ = signal.IsEmpty ? row.BindNull(17) : row.Bind(17, signal);
        row.Execute();
    }

    public static void SetRun(DatabaseConnection connection, string tenant, Run run)
    {
        var row = connection.Prepare("""
            UPDATE run SET version = ?1, status = ?2, end_time = ?3, step = ?4, waits = ?5, due_time = ?6, sends = ?7, seen = ?8 WHERE tenant = ?9 AND id = ?10
            """);
        BindChanging(row, run);
        row.Bind(9, tenant).Bind(10, run.Id).Execute();
    }

    public static void AddEvent(DatabaseConnection connection, string tenant, RunEvent happened) =>
        connection.Prepare("INSERT INTO run_event (tenant, run, time, kind, step, detail, status) VALUES (?, ?, ?, ?, ?, ?, ?)")
            .Bind(1, tenant).Bind(2, happened.Run).Bind(3, happened.Time).Bind(4, (long)happened.Kind).Bind(5, happened.Step).Bind(6, happened.Detail)
            .Bind(7, (long)happened.Status).Execute();

    public static void AddExposure(DatabaseConnection connection, int shard, string tenant, string customer, Exposure exposure) =>
        connection.Prepare("INSERT INTO exposure VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .Bind(1, shard).Bind(2, tenant).Bind(3, customer).Bind(4, exposure.Playbook).Bind(5, exposure.HeldOut ? 1 : 0)
            .Bind(6, exposure.Share.ToString("R", CultureInfo.InvariantCulture)).Bind(7, exposure.Time).Bind(8, exposure.Version).Execute();

    /// <summary>Gives the customers that were exposed to a playbook, in order of time; those of one version, or of all for 0.</summary>
    public static List<Subject> Exposures(DatabaseConnection connection, string tenant, string playbook, int version)
    {
        var row = connection.Prepare("""
            SELECT customer, held_out, share, time, version FROM exposure WHERE tenant = ?1 AND playbook = ?2 AND (?3 = 0 OR version = ?3) ORDER BY time, customer
            """).Bind(1, tenant).Bind(2, playbook).Bind(3, version);
        var subjects = new List<Subject>();
        while (row.Step())
        {
            subjects.Add(new Subject(row.Text(0), new Exposure(
                playbook, row.Number(1) != 0, double.Parse(row.Text(2), CultureInfo.InvariantCulture), row.Number(3), (int)row.Number(4))));
        }

        return subjects;
    }

    public static void AddTask(DatabaseConnection connection, int shard, string tenant, string customer, Effect.MakeTask task) =>
        connection.Prepare("INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '') ON CONFLICT DO NOTHING")
            .Bind(1, tenant).Bind(2, task.Id).Bind(3, shard).Bind(4, task.Run).Bind(5, task.Playbook).Bind(6, customer).Bind(7, task.Title).Bind(8, task.Note)
            .Bind(9, task.Owner).Bind(10, task.Due).Bind(11, (long)V1.Task.Types.State.Open).Bind(12, task.Time).Execute();

    /// <summary>Cancels the open tasks of a run.</summary>
    public static void CancelTasks(DatabaseConnection connection, string tenant, Effect.CancelTasks cancel) =>
        // The ids of a run's tasks begin with the run's: ';' is the character after ':'.
        connection.Prepare("UPDATE task SET state = ?1, close_time = ?2 WHERE tenant = ?3 AND id > ?4 AND id < ?5 AND state = ?6")
            .Bind(1, (long)V1.Task.Types.State.Cancelled).Bind(2, cancel.Time).Bind(3, tenant).Bind(4, cancel.Run + ":").Bind(5, cancel.Run + ";")
            .Bind(6, (long)V1.Task.Types.State.Open).Execute();

    /// <summary>Drops what is personal of a customer; that it was in runs stays.</summary>
    public static void Forget(DatabaseConnection connection, int shard, string tenant, string customer)
    {
        connection.Prepare("UPDATE run SET signal = NULL WHERE shard = ? AND tenant = ? AND customer = ?").Bind(1, shard).Bind(2, tenant).Bind(3, customer).Execute();
        connection.Prepare("UPDATE task SET title = '(erased)', note = '', close_note = '' WHERE tenant = ? AND customer = ?").Bind(1, tenant).Bind(2, customer).Execute();
    }

    /// <summary>Gives customers of a shard with a timer that is due by an instant, the earliest first.</summary>
    public static List<(string Tenant, string Customer)> Due(DatabaseConnection connection, int shard, long until, int most)
    {
        var row = connection.Prepare("SELECT tenant, customer FROM run WHERE shard = ? AND due_time <= ? ORDER BY due_time LIMIT ?")
            .Bind(1, shard).Bind(2, until).Bind(3, most);
        var due = new List<(string, string)>();
        while (row.Step())
        {
            due.Add((row.Text(0), row.Text(1)));
        }

        return [.. due.Distinct()];
    }

    public long CountQuarantined() => Read(AppliedRows.CountPutAside);

    public AppliedPoint AppliedOf(int shard) => Read(connection => AppliedRows.Of(connection, shard));

    /// <summary>Drops what is made of a shard's signals. Arms are for life, and tasks are people's: both stay, and are found again by their keys.</summary>
    public static void Drop(DatabaseConnection connection, int shard)
    {
        connection.Prepare("DELETE FROM run_event WHERE (tenant, run) IN (SELECT tenant, id FROM run WHERE shard = ?)").Bind(1, shard).Execute();
        foreach (var table in (string[])["run", "journey"])
        {
            connection.Prepare($"DELETE FROM {table} WHERE shard = ?").Bind(1, shard).Execute();
        }

        AppliedRows.Drop(connection, shard);
    }

    private static Run ToRun(Statement row) => new()
    {
        Id = row.Text(0),
        Playbook = row.Text(1),
        Version = (int)row.Number(2),
        Status = (RunStatus)row.Number(3),
        Entered = row.Number(4),
        Ended = row.IsNull(5) ? null : row.Number(5),
        SignalId = row.Text(6),
        Since = row.Number(7),
        At = (int)row.Number(8),
        Waits = row.Number(9) != 0,
        Due = row.IsNull(10) ? null : row.Number(10),
        Sends = [.. row.Text(11).Split(',', StringSplitOptions.RemoveEmptyEntries).Select(time => long.Parse(time, CultureInfo.InvariantCulture))],
        Seen = row.Text(12).Split('\n', StringSplitOptions.RemoveEmptyEntries),

        // What a run that has ended was started by is only shown.
        Signal = row.IsNull(5) && !row.IsNull(13) ? WireSignal.Parser.ParseFrom(row.Blob(13)).FromWire() : null,
    };

    private static void BindChanging(Statement row, Run run)
    {
        row.Bind(1, run.Version).Bind(2, (long)run.Status).Bind(4, run.At).Bind(5, run.Waits ? 1 : 0)
            .Bind(7, string.Join(',', run.Sends.Select(time => time.ToString(CultureInfo.InvariantCulture)))).Bind(8, string.Join('\n', run.Seen));
        _ = run.Ended is { } ended ? row.Bind(3, ended) : row.BindNull(3);
        _ = run.Due is { } due ? row.Bind(6, due) : row.BindNull(6);
    }
}
