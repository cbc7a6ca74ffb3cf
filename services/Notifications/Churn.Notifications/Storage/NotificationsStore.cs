using System.Security.Cryptography;
using Churn.ServiceDefaults.Storage;

namespace Churn.Notifications.Storage;

/// <summary>Keeps messages, templates, preferences and what is still to be told, and says when something was written.</summary>
internal sealed class NotificationsStore(Database database)
{
    private const int KeyBytes = 32;

    // How soon it is seen that another process has written.
    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(1);

    private readonly Lazy<byte[]> _linkKey = new(() => database.Write(LinkKeyOf));
    private TaskCompletionSource _next = New();

    /// <summary>Gives a task that ends when something is written; taken before one looks, nothing is missed.</summary>
    public Task NextWrite => Volatile.Read(ref _next).Task;

    /// <summary>Gives the key of the links in mails, made at the first start.</summary>
    public byte[] LinkKey => _linkKey.Value;

    public T Read<T>(Func<DatabaseConnection, T> work, CancellationToken cancellationToken = default) => database.Read(work, cancellationToken);

    public T Write<T>(Func<DatabaseConnection, T> work)
    {
        var result = database.Write(work);
        Wake();
        return result;
    }

    public void Write(Action<DatabaseConnection> work)
    {
        database.Write(work);
        Wake();
    }

    /// <summary>Gives how long to wait for <see cref="NextWrite"/> before one looks again, at most.</summary>
    public TimeSpan Rest(TimeSpan longest) => database.IsShared && longest > Elsewhere ? Elsewhere : longest;

    /// <summary>Has everyone who waits for a write look again.</summary>
    public void Wake() => Interlocked.Exchange(ref _next, New()).TrySetResult();

    private static byte[] LinkKeyOf(DatabaseConnection connection)
    {
        connection.Prepare("INSERT INTO link_key VALUES (1, ?) ON CONFLICT DO NOTHING").Bind(1, RandomNumberGenerator.GetBytes(KeyBytes).AsSpan()).Execute();
        var row = connection.Prepare("SELECT value FROM link_key");
        row.Step();
        var key = row.Blob(0).ToArray();
        row.Rewind();
        return key;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
