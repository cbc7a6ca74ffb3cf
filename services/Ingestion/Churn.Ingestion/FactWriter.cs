using System.Buffers.Binary;
using Churn.Ingestion.Domain;
using Churn.Ingestion.Storage;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Ingestion;

/// <summary>Records batches: decides by what is on disk which facts are new, and puts these on disk, all that wait at once.</summary>
internal sealed class FactWriter : IAsyncDisposable
{
    private const string InsertIdentity =
        "INSERT INTO identity (source, event_id, content, customer, retraction, shard, log_offset) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";

    private const string FindIdentity = "SELECT content, shard, log_offset, customer, retraction FROM identity WHERE source = ?1 AND event_id = ?2";
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
            _database.Write(connection =>
            {
                var work = new Work(this, connection);
                foreach (var batch in batches)
                {
                    work.Decide(batch);
                }

                work.Complete();
            });
            return batches;
        }
        catch
        {
            // What was numbered in the transaction has no number now.
            _sources.Clear();
            throw;
        }
        finally
        {
            foreach (var batch in batches)
            {
                batch.ReleaseBytes();
            }
        }
    }

    private long SourceId(DatabaseConnection connection, string tenant, string source)
    {
        if (_sources.TryGetValue((tenant, source), out var id))
        {
            return id;
        }

        var find = connection.Prepare(FindSource).Bind(1, tenant).Bind(2, source);
        if (find.Step())
        {
            id = find.Number(0);
        }
        else
        {
            var insert = connection.Prepare(InsertSource).Bind(1, tenant).Bind(2, source);
            insert.Step();
            id = insert.Number(0);
            insert.Rewind();
        }

        find.Rewind();
        _sources.Add((tenant, source), id);
        return id;
    }

    /// <summary>One transaction.</summary>
    private sealed class Work(FactWriter writer, DatabaseConnection connection)
    {
        private readonly Statement _insert = connection.Prepare(InsertIdentity);
        private readonly Statement _find = connection.Prepare(FindIdentity);
        private readonly LogAppend _append = writer._log.Append(connection);
        private string _source = "";
        private long _sourceId;

        public void Decide(FactBatch batch)
        {
            _source = "";
            var facts = batch.Facts;
            foreach (var i in batch.Plain)
            {
                ref var fact = ref facts[i];
                Insert(batch, ref fact);
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

        public void Complete() => _append.Complete();

        private void Insert(FactBatch batch, ref CheckedFact fact)
        {
            Span<byte> content = stackalloc byte[16];
            BinaryPrimitives.WriteUInt128BigEndian(content, fact.Content);
            var offset = _append.NextOffset(fact.Shard);
            var inserted = _insert
                .Bind(1, SourceOf(batch.Tenant, fact.Source))
                .BindUtf8(2, batch.Bytes(fact.EventId))
                .Bind(3, content)
                .Bind(4, unchecked((long)fact.Customer))
                .Bind(5, fact.IsRetraction ? 1 : 0)
                .Bind(6, fact.Shard)
                .Bind(7, offset)
                .Execute();
            if (inserted > 0)
            {
                fact.Offset = _append.Add(fact.Shard, batch.Tenant, batch.Bytes(fact.Whole));
                fact.Verdict = Verdict.Recorded;
            }
            else if (!IsKnown(batch, ref fact))
            {
                throw new InvalidOperationException("An identity is there and is not found.");
            }
        }

        private bool IsKnown(FactBatch batch, ref CheckedFact fact)
        {
            var row = _find.Bind(1, SourceOf(batch.Tenant, fact.Source)).BindUtf8(2, batch.Bytes(fact.EventId));
            if (!row.Step())
            {
                return false;
            }

            fact.Verdict = Identities.Judge(BinaryPrimitives.ReadUInt128BigEndian(row.Blob(0)), fact.Content);
            fact.Shard = (int)row.Number(1);
            fact.Offset = row.Number(2);
            row.Rewind();
            return true;
        }

        private bool IsRefused(FactBatch batch, ref CheckedFact fact)
        {
            var row = _find.Bind(1, SourceOf(batch.Tenant, fact.Source)).BindUtf8(2, batch.Bytes(fact.Retracts));
            if (!row.Step())
            {
                return false;
            }

            var target = new RetractedFact(IsRetraction: row.Number(4) != 0, IsOfCustomer: row.Number(3) == unchecked((long)fact.Customer));
            row.Rewind();
            fact.Violation = Retractions.Judge(batch.Sent(fact.Index).Retracts, target);
            fact.Verdict = fact.Violation is null ? Verdict.Recorded : Verdict.Rejected;
            return fact.Violation is not null;
        }

        private long SourceOf(string tenant, string source)
        {
            if (!string.Equals(source, _source, StringComparison.Ordinal))
            {
                (_source, _sourceId) = (source, writer.SourceId(connection, tenant, source));
            }

            return _sourceId;
        }
    }
}
