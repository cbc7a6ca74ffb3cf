using System.Text;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.Time.Testing;

namespace Churn.ServiceDefaults.Tests.Streams;

/// <summary>The log "things" in a file of its own.</summary>
internal sealed class LogFile : IDisposable
{
    private readonly TempFolder _folder = new();

    public LogFile() => (Database, Log) = Open();

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public Database Database { get; private set; }

    public StreamLog Log { get; private set; }

    public string Path => _folder.File("log.db");

    public void Append(params (int Shard, string Tenant, string Record)[] records) => Database.Write(connection =>
    {
        var append = Log.Append(connection);
        foreach (var (shard, tenant, record) in records)
        {
            append.Add(shard, tenant, Encoding.UTF8.GetBytes(record));
        }

        append.Complete();
    });

    public List<string> All(int shard) =>
        [.. Enumerable.Range(1, (int)Log.Head(shard).Offset).Select(offset => Encoding.UTF8.GetString(Log.FindRecord(shard, offset)!.Bytes.Span))];

    public void Reopen()
    {
        Database.Dispose();
        (Database, Log) = Open();
    }

    public void Dispose()
    {
        Database.Dispose();
        _folder.Dispose();
    }

    private (Database Database, StreamLog Log) Open()
    {
        var database = Database.Open(Path, new DatabaseOptions { Name = "log", Migrations = [StreamLog.Schema("things")] });
        try
        {
            return (database, new StreamLog(database, "things", Clock));
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
