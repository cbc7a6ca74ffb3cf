using System.CommandLine;
using System.Globalization;
using Churn.Ingestion.Storage;
using Churn.Ingestion.V1;
using Churn.Metrics;
using Churn.Metrics.Consumers;
using Churn.Notifications;
using Churn.Notifications.V1;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin verify</c>: reads everything, and says whether it fits together.</summary>
internal static class VerifyCommand
{
    private const int PageBytes = 1 << 20;
    private const int MostTold = 20;

    private const string Text = InstallationCommand.Details +
        """
        Reads every record of every log once and makes sure that: no record lacks or was changed (offsets without holes, and the
        running hash of each shard); every fact has its identity and every identity its fact; each consumer stands at a point of
        the log as it is; the ledger holds every fact it was given, once; every message that a playbook asked for was taken.
        What is recorded meanwhile is left for the next time.

        Exit status:
          0 it fits together; 1 it does not, or cannot be read: every line says what, and docs/operations.md what to do

        Examples:
          churn admin verify --postgres postgres://churn:secret@db/churn
          churn admin verify --data /var/lib/churn

        """;

    public static Command Create(InstallationCommand commands) => commands.Create("verify", "Read everything, and say whether it fits together", Text, [], async (_, installation, output, stop) =>
    {
        var problems = new List<string>();
        foreach (var route in Installation.Streams)
        {
            var walk = new Walk(installation, route, problems);
            await walk.RunAsync(stop);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{route.Stream,-9} {walk.Records:#,0} records, applied by {route.Consumer} but for {walk.Lag:#,0}"));
        }

        foreach (var problem in problems.Take(MostTold))
        {
            output.WriteLine($"wrong: {problem}");
        }

        output.WriteLine(problems.Count == 0 ? "everything fits together" : $"{problems.Count} things are wrong{(problems.Count > MostTold ? $"; the first {MostTold} are above" : "")}");
        return problems.Count == 0 ? 0 : 1;
    });

    /// <summary>One way along a log.</summary>
    private sealed class Walk(Installation installation, StreamRoute route, List<string> problems)
    {
        private readonly StreamLog _log = installation.LogOf(route);

        public long Records { get; private set; }

        public long Lag { get; private set; }

        public async Task RunAsync(CancellationToken stop)
        {
            // The point applied is read first: the log has it then.
            var applied = installation.AppliedOf(route);
            foreach (var head in _log.Heads())
            {
                await RunAsync(head, applied[head.Shard], stop);
            }

            if (route.Stream == FactsStore.Stream)
            {
                var identities = installation.Of(route.Log).Read(connection => Count(connection, "SELECT count(*) FROM identity"), stop);
                if (identities < Records)
                {
                    problems.Add(string.Create(CultureInfo.InvariantCulture, $"there are {identities:#,0} identities of {Records:#,0} facts"));
                }
            }
        }

        private async Task RunAsync(ShardHead head, AppliedPoint applied, CancellationToken stop)
        {
            var where = $"{route.Stream}, shard {head.Shard}";
            if (applied.Offset > head.Offset)
            {
                problems.Add($"{where}: {route.Consumer} has applied {applied.Offset}, and the log ends at {head.Offset}: it was rolled back");
            }

            Lag += Math.Max(0, head.Offset - applied.Offset);
            var (offset, hash) = (0L, UInt128.Zero);
            var expected = new HashSet<long>();
            var met = applied.Offset == 0;
            try
            {
                while (offset < head.Offset)
                {
                    var page = await _log.ReadAsync(head.Shard, offset, PageBytes, stop);
                    foreach (var chunk in page.Chunks.TakeWhile(chunk => chunk.LastOffset <= head.Offset))
                    {
                        hash = ChunkHash.Next(hash, chunk);
                        if (chunk.FirstOffset != offset + 1 || hash != chunk.Hash)
                        {
                            problems.Add($"{where}: the record after {offset} is not the one that was written");
                            return;
                        }

                        offset = chunk.LastOffset;
                        met |= offset == applied.Offset && hash == applied.Hash;
                        Records += chunk.Count;
                        Look(head.Shard, chunk, applied.Offset, expected);
                    }
                }
            }
            catch (StreamRolledBackException e)
            {
                problems.Add($"{where}: {e.Message}");
                return;
            }

            if (hash != head.Hash)
            {
                problems.Add($"{where}: the log ends otherwise than its counter says");
            }

            if (!met && applied.Offset <= head.Offset)
            {
                problems.Add($"{where}: what {route.Consumer} has applied through {applied.Offset} is not what the log has");
            }

            if (route.Stream == FactsStore.Stream)
            {
                Compare(where, head.Shard, applied.Offset, expected);
            }
        }

        private void Look(int shard, StreamChunk chunk, long applied, HashSet<long> expected)
        {
            if (route.Stream == FactsStore.Stream)
            {
                LookAtFacts(shard, chunk, applied, expected);
            }
            else if (route.Stream == Churn.Playbooks.PlaybooksHost.Requests && chunk.LastOffset <= applied)
            {
                LookAtRequests(shard, chunk);
            }
        }

        private void LookAtFacts(int shard, StreamChunk chunk, long applied, HashSet<long> expected)
        {
            var sources = new Dictionary<string, long>(StringComparer.Ordinal);
            var keys = new Rows("identity", new Column("source", ColumnType.Number), new Column("event_id", ColumnType.Text));
            var offset = chunk.FirstOffset;
            var found = new HashSet<long>();
            installation.Of(route.Log).Read(connection =>
            {
                foreach (var record in chunk.Read())
                {
                    var fact = Fact.Parser.ParseFrom(record.Span);
                    keys.Add(SourceOf(connection, fact.Source)).Add(fact.EventId);
                    if (offset <= applied && (FactFromWire.BearsOnLedger(fact) || fact.KindCase is not (Fact.KindOneofCase.UsageRecorded or Fact.KindOneofCase.None)))
                    {
                        expected.Add(offset);
                    }

                    offset++;
                }

                connection.Find(keys, "shard, log_offset", (i, row) =>
                {
                    if (row.Number(0) == shard && row.Number(1) == chunk.FirstOffset + i)
                    {
                        found.Add(row.Number(1));
                    }
                });
                return true;
            });
            for (var at = chunk.FirstOffset; at <= chunk.LastOffset; at++)
            {
                if (!found.Contains(at))
                {
                    problems.Add($"facts, shard {shard}: the fact at {at} has no identity that leads to it");
                }
            }

            long SourceOf(DatabaseConnection connection, string source)
            {
                if (!sources.TryGetValue(source, out var id))
                {
                    var row = connection.Prepare("SELECT id FROM source WHERE tenant = ?1 AND name = ?2").Bind(1, chunk.Tenant).Bind(2, source);
                    sources.Add(source, id = row.Step() ? row.Number(0) : -1);
                    row.Rewind();
                }

                return id;
            }
        }

        private void LookAtRequests(int shard, StreamChunk chunk)
        {
            var keys = new Rows("message", new Column("tenant", ColumnType.Text), new Column("\"key\"", ColumnType.Text));
            var offset = chunk.FirstOffset;
            foreach (var record in chunk.Read())
            {
                keys.Add(chunk.Tenant).Add(Keyed(record));
            }

            var taken = new HashSet<long>();
            installation.Of(NotificationsHost.Schema).Read(connection =>
            {
                connection.Find(keys, "seq", (i, _) => taken.Add(offset + i));
                taken.UnionWith(Offsets(connection, "quarantine", shard, long.MaxValue));
                return true;
            });
            for (var at = chunk.FirstOffset; at <= chunk.LastOffset; at++)
            {
                if (!taken.Contains(at))
                {
                    problems.Add($"requests, shard {shard}: the message that was asked for at {at} was not taken");
                }
            }
        }

        private void Compare(string where, int shard, long applied, HashSet<long> expected)
        {
            var (held, aside) = installation.Of(MetricsHost.Schema).Read(connection => (Offsets(connection, "fact", shard, applied), Offsets(connection, "quarantine", shard, applied)));
            var missing = expected.Count(offset => !held.Contains(offset) && !aside.Contains(offset));
            var foreign = held.Count(offset => !expected.Contains(offset));
            if (missing > 0 || foreign > 0)
            {
                problems.Add($"{where}: the ledger lacks {missing} facts that it was given, and has {foreign} that it was not; churn admin rebuild --shard {shard}");
            }
        }

        private static HashSet<long> Offsets(DatabaseConnection connection, string table, int shard, long through)
        {
            var offsets = new HashSet<long>();
            var rows = connection.Prepare($"""SELECT "offset" FROM {table} WHERE shard = ?1 AND "offset" <= ?2""").Bind(1, shard).Bind(2, through);
            while (rows.Step())
            {
                offsets.Add(rows.Number(0));
            }

            return offsets;
        }

        private static string Keyed(ReadOnlyMemory<byte> record)
        {
            try
            {
                return SendRequest.Parser.ParseFrom(record.Span).Key;
            }
            catch (InvalidProtocolBufferException)
            {
                // Put aside, and found there.
                return "";
            }
        }

        private static long Count(DatabaseConnection connection, string sql)
        {
            var row = connection.Prepare(sql);
            row.Step();
            return row.Number(0);
        }
    }
}
