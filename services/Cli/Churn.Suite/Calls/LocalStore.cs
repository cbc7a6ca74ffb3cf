using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Storage;

namespace Churn.Suite.Calls;

/// <summary>Holds the store of keys and tenants, opened by a command itself, and the calls on it.</summary>
internal sealed class LocalStore(Database database, TimeProvider time) : IDisposable
{
    public LocalAdmin Calls { get; } = new(new AccessStore(database, time), time, Environment.UserName);

    public void Dispose() => database.Dispose();
}
