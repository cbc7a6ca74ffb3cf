using System.Buffers.Binary;
using System.Text;
using Churn.Ingestion.Domain;
using Churn.Ingestion.Storage;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Ingestion;

/// <summary>Records batches: decides by what is on disk which facts are new, and puts these on disk, all that wait at once.</summary>
internal sealed class FactWriter : IAsyncDisposable
{
    private const string IdentityColumns = "content, shard, log_offset, customer, retraction";
    private const string FindSource = "SELECT id FROM source WHERE tenant = ?1 AND name = ?2";
    private const string InsertSource = "INSERT INTO source (tenant, name) VALUES (?1, ?2) RETURNING id";

    private readonly Database _database;
    private readonly StreamLog _log;
    private readonly GroupCommit<FactBatch, FactBatch> _group;
    private readonly Dictionary<(string Tenant, string Source), long> _sources = [];

    public FactWriter(FactsStore store)
    {
        _database = store.Database;
        _log = store.Log;
        _group = new GroupCommit<FactBatch, FactBatch>(Commit, batch => batch.Count, new GroupCommitOptions { Name = "facts" });
    }

    /// <summary>Decides the facts of a batch; when it returns, those that are new are on disk.</summary>
    /// <exception cref="StorageException">The batch is not recorded, nor any part of it.</exception>
    /// <exception cref="ObjectDisposedException">The service stops.</exception>
    public Task<FactBatch> RecordAsync(FactBatch batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            return _group.CommitAsync(batch, cancellationToken);
        }

        batch.ReleaseBytes();
        return Task.FromResult(batch);
    }

    public ValueTask DisposeAsync() => _group.DisposeAsync();

    private IReadOnlyList<FactBatch> Commit(IReadOnlyList<FactBatch> batches)
    {
        try
        {
            var sources = _database.Write(
                connection =>
                {
                    var work = new Work(this, connection, batches);
                    foreach (var batch in batches)
                    {
                        work.Decide(batch);
                    }

                    return work.Complete();
                },
                Isolation.ReadCommitted);
            foreach (var (name, id) in sources)
            {
                _sources[name] = id;
            }

            return batches;
        }
        finally
        {
            foreach (var batch in batches)
            {
                batch.ReleaseBytes();
            }
        }
    }

    /// <summary>One transaction: the shards of all batches are locked, all identities are looked for at once, and what is new is added at once.</summary>
    private sealed class Work
    {
        private readonly FactWriter _writer;
        private readonly DatabaseConnection _connection;
        private readonly LogAppend _append;
        private readonly Dictionary<(string Tenant, string Source), long> _sources = [];
        private readonly Dictionary<(long Source, string EventId), Identity> _known = [];
        private readonly Rows _new = new(
            "identity",
            new Column("source", ColumnType.Number),
            new Column("event_id", ColumnType.Text),
            new Column("content", ColumnType.Bytes),
            new Column("customer", ColumnType.Number),
            new Column("retraction", ColumnType.Number),
            new Column("shard", ColumnType.Number),
            new Column("log_offset", ColumnType.Number));

        public Work(FactWriter writer, DatabaseConnection connection, IReadOnlyList<FactBatch> batches)
        {
            _writer = writer;
            _connection = connection;
            _append = writer._log.Append(connection);

            // Locked first: who records in the same shards waits here, and then sees what we have recorded.
            _append.Open(ShardsOf(batches));
            Find(batches);
        }

        public void Decide(FactBatch batch)
        {
            var facts = batch.Facts;
            foreach (var i in batch.Plain)
            {
                Insert(batch, ref facts[i]);
            }

            foreach (var i in batch.Retracting)
            {
                ref var fact = ref facts[i];
                if (!IsKnown(batch, ref fact) && !IsRefused(batch, ref fact))
                {
                    Insert(batch, ref fact);
                }
            }
        }

        /// <summary>Writes what is new, and gives the numbers of the sources.</summary>
        public Dictionary<(string Tenant, string Source), long> Complete()
        {
            _connection.Insert(_new);
            _append.Complete();
            return _sources;
        }

        private void Find(IReadOnlyList<FactBatch> batches)
        {
            var keys = new Rows("identity", new Column("source", ColumnType.Number), new Column("event_id", ColumnType.Text));
            var asked = new List<(long, string)>();
            foreach (var batch in batches)
            {
                var facts = batch.Facts;
                foreach (var i in batch.Plain)
                {
                    Ask(batch, facts[i].Source, facts[i].EventId);
                }

                foreach (var i in batch.Retracting)
                {
                    Ask(batch, facts[i].Source, facts[i].EventId);
                    Ask(batch, facts[i].Source, facts[i].Retracts);
                }
            }

            _connection.Find(keys, IdentityColumns, (i, row) => _known[asked[i]] = new Identity(
                BinaryPrimitives.ReadUInt128BigEndian(row.Blob(0)), (int)row.Number(1), row.Number(2), unchecked((ulong)row.Number(3)), row.Number(4) != 0));

            void Ask(FactBatch batch, string source, Stretch eventId)
            {
                var key = KeyOf(batch, source, eventId);
                asked.Add(key);
                keys.Add(key.Source).Add(key.EventId);
            }
        }

        private void Insert(FactBatch batch, ref CheckedFact fact)
        {
            if (IsKnown(batch, ref fact))
            {
                return;
            }

            var content = new byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(content, fact.Content);
            var key = KeyOf(batch, fact.Source, fact.EventId);
            fact.Offset = _append.Add(fact.Shard, batch.Tenant, batch.Bytes(fact.Whole));
            fact.Verdict = Verdict.Recorded;
            _new.Add(key.Source).Add(key.EventId).Add(content).Add(unchecked((long)fact.Customer)).Add(fact.IsRetraction ? 1 : 0).Add(fact.Shard).Add(fact.Offset);
            _known.Add(key, new Identity(fact.Content, fact.Shard, fact.Offset, fact.Customer, fact.IsRetraction));
        }

        private bool IsKnown(FactBatch batch, ref CheckedFact fact)
        {
            if (!_known.TryGetValue(KeyOf(batch, fact.Source, fact.EventId), out var known))
            {
                return false;
            }

            fact.Verdict = Identities.Judge(known.Content, fact.Content);
            fact.Shard = known.Shard;
            fact.Offset = known.Offset;
            return true;
        }

        private bool IsRefused(FactBatch batch, ref CheckedFact fact)
        {
            if (!_known.TryGetValue(KeyOf(batch, fact.Source, fact.Retracts), out var known))
            {
                return false;
            }

            var target = new RetractedFact(known.IsRetraction, IsOfCustomer: known.Customer == fact.Customer);
            fact.Violation = Retractions.Judge(batch.Sent(fact.Index).Retracts, target);
            fact.Verdict = fact.Violation is null ? Verdict.Recorded : Verdict.Rejected;
            return fact.Violation is not null;
        }

        private static HashSet<int> ShardsOf(IReadOnlyList<FactBatch> batches)
        {
            var shards = new HashSet<int>();
            foreach (var batch in batches)
            {
                foreach (ref readonly var fact in batch.Facts)
                {
                    shards.Add(fact.Shard);
                }
            }

            return shards;
        }

        private (long Source, string EventId) KeyOf(FactBatch batch, string source, Stretch eventId) =>
            (SourceOf(batch.Tenant, source), Encoding.UTF8.GetString(batch.Bytes(eventId)));

        // A number that was given in a transaction that did not end well is no number: only what is on disk is kept for the next.
        private long SourceOf(string tenant, string source)
        {
            var name = (tenant, source);
            if (_sources.TryGetValue(name, out var id) || _writer._sources.TryGetValue(name, out id))
            {
                return id;
            }

            var find = _connection.Prepare(FindSource).Bind(1, tenant).Bind(2, source);
            if (find.Step())
            {
                id = find.Number(0);
            }
            else
            {
                var insert = _connection.Prepare(InsertSource).Bind(1, tenant).Bind(2, source);
                insert.Step();
                id = insert.Number(0);
                insert.Rewind();
            }

            find.Rewind();
            _sources.Add(name, id);
            return id;
        }

        private readonly record struct Identity(UInt128 Content, int Shard, long Offset, ulong Customer, bool IsRetraction);
    }
}
