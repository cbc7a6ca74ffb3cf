using System.Diagnostics;
using Churn.ServiceDefaults.Storage;

namespace Churn.ServiceDefaults.Telemetry;

/// <summary>Measures the transactions of a database; it stands before one only where telemetry is on.</summary>
internal sealed class MeasuredDatabase : Database
{
    private readonly Database _database;
    private readonly string _name;

    private MeasuredDatabase(Database database, string name) => (_database, _name) = (database, name);

    public override string Place => _database.Place;

    public override bool IsShared => _database.IsShared;

    /// <summary>Gives a database that is measured, where somebody listens.</summary>
    public static Database Of(Database database, string name) => Instruments.StoreTransactions.Enabled ? new MeasuredDatabase(database, name) : database;

    public override T Write<T>(Func<DatabaseConnection, T> work, Isolation isolation = Isolation.Serializable) =>
        Measure("write", () => _database.Write(work, isolation));

    public override T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default) =>
        Measure("read", () => _database.Read(work, cancellationToken));

    public override void Dispose() => _database.Dispose();

    private T Measure<T>(string access, Func<T> transaction)
    {
        var began = Stopwatch.GetTimestamp();
        string? failure = null;
        try
        {
            return transaction();
        }
        catch (Exception exception)
        {
            failure = exception.GetType().Name;
            throw;
        }
        finally
        {
            var labels = new TagList { { "churn.store", _name }, { "churn.store.access", access } };
            if (failure is not null)
            {
                labels.Add("error.type", failure);
            }

            Instruments.StoreTransactions.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, labels);
        }
    }
}
