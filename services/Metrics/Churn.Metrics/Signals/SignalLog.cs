using Churn.Metrics.Reads;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;

namespace Churn.Metrics.Signals;

/// <summary>Appends signals to their stream, within the transaction of what raised them.</summary>
internal sealed class SignalLog(StreamLog log)
{
    /// <summary>Names the stream.</summary>
    public const string Stream = "signals";

    /// <summary>Appends them in their order; each is known from when it is recorded here.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="signals">The signals, with the shard and the tenant of each.</param>
    public void Append(DatabaseConnection connection, IReadOnlyCollection<RaisedSignal> signals)
    {
        if (signals.Count == 0)
        {
            return;
        }

        var append = log.Append(connection);
        append.Open(signals.Select(signal => signal.Shard));
        var known = Wire.ToTimestamp(append.RecordTime);
        foreach (var (shard, tenant, signal) in signals)
        {
            signal.KnownTime = known;
            append.Add(shard, tenant, signal.ToByteArray());
        }

        append.Complete();
    }
}

/// <summary>Holds a signal and where it goes.</summary>
internal readonly record struct RaisedSignal(int Shard, string Tenant, V1.Signal Signal);
