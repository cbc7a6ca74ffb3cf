using System.Text;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.ServiceDefaults.Leases;

/// <summary>Keeps who may write which shard, in the database that is written.</summary>
/// <remarks>
/// An owner's name is its own: a process that takes the name of one that died retakes its leases at once, under new terms.
/// </remarks>
/// <param name="database">The database.</param>
/// <param name="clock">Tells when a lease ends.</param>
public sealed class LeaseTable(Database database, TimeProvider clock)
{
    /// <summary>Gives the script that makes the tables.</summary>
    public const string Schema = """
        CREATE TABLE lease (
            shard INTEGER PRIMARY KEY,
            owner TEXT NOT NULL,
            term INTEGER NOT NULL,
            expires_at INTEGER NOT NULL
        );
        CREATE TABLE lease_owner (
            owner TEXT PRIMARY KEY,
            address TEXT NOT NULL,
            expires_at INTEGER NOT NULL
        ) WITHOUT ROWID;
        """;

    /// <summary>Gives how long a lease lasts without being renewed.</summary>
    public static TimeSpan Length { get; } = TimeSpan.FromSeconds(6);

    /// <summary>Renews what an owner holds, and takes what it may take: shards without a living owner, up to its even share.</summary>
    /// <param name="owner">The owner.</param>
    /// <param name="address">Where it is called.</param>
    /// <param name="held">The leases that it knows to hold; what the table has under its name beside them is from a life before.</param>
    public LeaseShare Take(string owner, string address, IReadOnlyCollection<Lease> held) => database.Write(connection =>
    {
        var now = connection.Now(clock);
        var expires = now + (Length.Ticks / TimeSpan.TicksPerMicrosecond);
        connection.Prepare("INSERT INTO lease_owner (owner, address, expires_at) VALUES (?1, ?2, ?3) ON CONFLICT (owner) DO UPDATE SET address = excluded.address, expires_at = excluded.expires_at").Bind(1, owner).Bind(2, address).Bind(3, expires).Execute();
        connection.Prepare("DELETE FROM lease_owner WHERE expires_at <= ?1").Bind(1, now).Execute();
        var owners = connection.Prepare("SELECT count(*) FROM lease_owner");
        owners.Step();
        var share = (int)((Shards.Count + owners.Number(0) - 1) / owners.Number(0));
        owners.Rewind();

        var name = Encoding.UTF8.GetBytes(owner);
        var known = held.ToDictionary(lease => lease.Shard, lease => lease.Term);
        var mine = new List<Lease>();
        var free = new List<(int Shard, long Term)>();
        var others = 0;
        var seen = new bool[Shards.Count];
        var rows = connection.Prepare("SELECT shard, owner, term, expires_at FROM lease ORDER BY shard");
        while (rows.Step())
        {
            var (shard, term) = ((int)rows.Number(0), rows.Number(2));
            seen[shard] = true;
            var own = rows.Blob(1).SequenceEqual(name);
            if (own && known.TryGetValue(shard, out var mineTerm) && mineTerm == term)
            {
                mine.Add(new Lease(shard, term));
            }
            else if (own || rows.Number(3) <= now)
            {
                free.Add((shard, term));
            }
            else
            {
                others++;
            }
        }

        free.AddRange(Enumerable.Range(0, Shards.Count).Where(shard => !seen[shard]).Select(shard => (shard, 0L)));
        mine.RemoveAll(lease => connection.Prepare("UPDATE lease SET expires_at = ?1 WHERE shard = ?2 AND owner = ?3 AND term = ?4")
            .Bind(1, expires).Bind(2, lease.Shard).Bind(3, owner).Bind(4, lease.Term).Execute() == 0);
        foreach (var (shard, term) in free)
        {
            if (mine.Count < share && IsStillFree(connection, shard, term, name, now))
            {
                connection.Prepare("""
                    INSERT INTO lease (shard, owner, term, expires_at) VALUES (?1, ?2, ?3, ?4)
                    ON CONFLICT (shard) DO UPDATE SET owner = excluded.owner, term = excluded.term, expires_at = excluded.expires_at
                    """).Bind(1, shard).Bind(2, owner).Bind(3, term + 1).Bind(4, expires).Execute();
                mine.Add(new Lease(shard, term + 1));
            }
        }

        mine.Sort((a, b) => a.Shard.CompareTo(b.Shard));
        return new LeaseShare(mine, Math.Max(0, mine.Count - share), mine.Count + others == Shards.Count);
    }, Isolation.ReadCommitted);

    /// <summary>Lists who holds which shard, and where it is called; a lease that has ended stays its owner's until another takes it.</summary>
    public IReadOnlyList<LeaseEntry> List() => database.Read(connection =>
    {
        var entries = new List<LeaseEntry>(Shards.Count);
        var rows = connection.Prepare("""
            SELECT lease.shard, lease.owner, lease.term, coalesce(lease_owner.address, '') FROM lease
            LEFT JOIN lease_owner ON lease_owner.owner = lease.owner WHERE lease.owner <> '' ORDER BY lease.shard
            """);
        while (rows.Step())
        {
            entries.Add(new LeaseEntry((int)rows.Number(0), rows.Text(1), rows.Number(2), rows.Text(3)));
        }

        return entries;
    });

    /// <summary>Lets others take leases at once; those of older terms are left alone.</summary>
    public void Release(string owner, IReadOnlyCollection<Lease> leases) => database.Write(connection =>
    {
        foreach (var lease in leases)
        {
            connection.Prepare("UPDATE lease SET expires_at = 0, owner = '' WHERE shard = ?1 AND owner = ?2 AND term = ?3")
                .Bind(1, lease.Shard).Bind(2, owner).Bind(3, lease.Term).Execute();
        }
    }, Isolation.ReadCommitted);

    /// <summary>Takes an owner that ends off the list, so that the others share what is left.</summary>
    public void Leave(string owner) => database.Write(connection =>
        connection.Prepare("DELETE FROM lease_owner WHERE owner = ?1").Bind(1, owner).Execute(), Isolation.ReadCommitted);

    /// <summary>Makes sure, within the transaction that writes under leases, that they are still held, and that nobody takes one before it ends.</summary>
    /// <exception cref="LeaseLostException">One is not: the transaction is to be rolled back, as it is when this leaves it.</exception>
    public static void Check(DatabaseConnection connection, IEnumerable<Lease> leases)
    {
        var asked = leases.ToList();
        var keys = new Rows("lease", new Column("shard", ColumnType.Number), new Column("term", ColumnType.Number));
        asked.ForEach(lease => keys.Add(lease.Shard).Add(lease.Term));
        var held = new bool[asked.Count];
        connection.Find(keys, "shard, owner", (i, row) => held[i] = row.Text(1).Length > 0, locks: "FOR KEY SHARE");
        if (Array.IndexOf(held, false) is >= 0 and var lost)
        {
            throw new LeaseLostException(asked[lost].Shard);
        }
    }

    /// <summary>Takes a shard away from whoever has it: what its owner writes from now on is refused, and a living one takes it anew.</summary>
    public static void TakeAway(DatabaseConnection connection, int shard)
    {
        // Whoever writes under the lease ends first.
        var row = connection.Prepare($"SELECT term FROM lease WHERE shard = ?1{connection.ForUpdate}").Bind(1, shard);
        _ = row.Step();
        row.Rewind();
        connection.Prepare("UPDATE lease SET owner = '', term = term + 1, expires_at = 0 WHERE shard = ?1").Bind(1, shard).Execute();
    }

    // Between the look at all and this another may have taken it; whoever writes under it has ended when the row is locked.
    private static bool IsStillFree(DatabaseConnection connection, int shard, long term, byte[] owner, long now)
    {
        var row = connection.Prepare($"SELECT term, owner, expires_at FROM lease WHERE shard = ?1{connection.ForUpdate}").Bind(1, shard);
        var isFree = !row.Step() || (row.Number(0) == term && (row.Number(2) <= now || row.Blob(1).SequenceEqual(owner)));
        row.Rewind();
        return isFree;
    }
}
