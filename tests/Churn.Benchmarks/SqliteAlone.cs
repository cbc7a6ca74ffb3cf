using System.Diagnostics;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Churn.Benchmarks;

/// <summary>Writes the lines of a file of facts as rows into SQLite and does nothing else: what the storage alone would take.</summary>
internal static class SqliteAlone
{
    private const int RowsInCommit = 10_000;

    /// <summary>Gives the seconds it takes; reading the file is not counted.</summary>
    public static double Insert(string file, string path)
    {
        var rows = File.ReadLines(file).Select(line =>
        {
            using var fact = JsonDocument.Parse(line);
            return (Id: fact.RootElement.GetProperty("eventId").GetString()!, Line: line);
        }).ToList();
        using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        connection.Open();
        Execute(connection, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; CREATE TABLE fact (source INTEGER, event_id TEXT, fact TEXT, PRIMARY KEY (source, event_id)) WITHOUT ROWID");
        var began = Stopwatch.GetTimestamp();
        using var insert = connection.CreateCommand();
        insert.CommandText = "INSERT INTO fact VALUES (1, $id, $fact)";
        var id = insert.Parameters.Add("$id", SqliteType.Text);
        var text = insert.Parameters.Add("$fact", SqliteType.Text);
        for (var at = 0; at < rows.Count; at += RowsInCommit)
        {
            using var transaction = connection.BeginTransaction();
            insert.Transaction = transaction;
            foreach (var row in rows.Skip(at).Take(RowsInCommit))
            {
                (id.Value, text.Value) = (row.Id, row.Line);
                insert.ExecuteNonQuery();
            }

            transaction.Commit();
        }

        return Stopwatch.GetElapsedTime(began).TotalSeconds;
    }

    private static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
