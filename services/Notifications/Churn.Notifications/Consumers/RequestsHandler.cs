using Churn.Notifications.Sending;
using Churn.Notifications.Storage;
using Churn.Notifications.Taking;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;
using Microsoft.Extensions.Logging;

namespace Churn.Notifications.Consumers;

/// <summary>Takes the messages that playbooks ask for: each record once, in the transaction that says how far the stream is applied.</summary>
internal sealed partial class RequestsHandler(NotificationsStore store, MessageTaker taker, Underway underway, TimeProvider clock, ILogger<RequestsHandler> logger) : IStreamHandler
{
    public Task<IReadOnlyList<AppliedPoint>> TakeAsync(IReadOnlyList<Lease> leases, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<AppliedPoint>>(store.Read(connection => leases.Select(lease => AppliedRows.Of(connection, lease.Shard)).ToList(), cancellationToken));

    public Task ApplyAsync(IReadOnlyList<ShardPage> pages, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var records = pages.SelectMany(page => page.Page.Chunks, (page, chunk) => (page.Lease.Shard, chunk)).SelectMany(at => Read(at.Shard, at.chunk, now)).ToList();
        store.Write(connection =>
        {
            AppliedRows.Advance(connection, pages);
            foreach (var record in records)
            {
                var reason = record.Reason;
                if (record.Message is { } message && MessageTaker.Store(connection, message) is { IsConflict: true } taken)
                {
                    reason = $"KEY_CONFLICT: message {taken.Message.Id} has the key '{message.Request.Key}' and other content.";
                }

                if (reason is not null)
                {
                    AppliedRows.PutAside(connection, record.Shard, record.Tenant, record.Offset, record.RecordTime, reason, record.Bytes.Span);
                    LogPutAside(record.Shard, record.Offset, reason);
                }
            }
        });
        return Task.CompletedTask;
    }

    // What was sent cannot be taken back: the messages stay, and their keys keep them from being sent again.
    public Task ResetAsync(Lease lease, CancellationToken cancellationToken)
    {
        store.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            AppliedRows.Drop(connection, lease.Shard);
        });
        return Task.CompletedTask;
    }

    // Who takes a shard over says of what is under way in it that nobody knows what became of it.
    public Task GiveUpAsync(IReadOnlyList<int> shards, CancellationToken cancellationToken) => underway.NoneOfAsync(shards, cancellationToken);

    private IEnumerable<Record> Read(int shard, StreamChunk chunk, DateTimeOffset now)
    {
        var offset = chunk.FirstOffset;
        foreach (var bytes in chunk.Read())
        {
            yield return Read(new Record(shard, chunk.Tenant, offset++, chunk.RecordTime, bytes), now);
        }
    }

    private Record Read(Record record, DateTimeOffset now)
    {
        V1.SendRequest request;
        try
        {
            request = V1.SendRequest.Parser.ParseFrom(record.Bytes.Span);
        }
        catch (InvalidProtocolBufferException)
        {
            return record with { Reason = "The record is no request that this version can read." };
        }

        var (message, refusal) = taker.Draft(record.Tenant, request, now);
        message ??= MessageTaker.Refused(record.Tenant, request, refusal!, now);
        return message is null ? record with { Reason = $"{refusal!.Reason}: {refusal.Message}" } : record with { Message = message };
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Request {Offset} of shard {Shard} was put aside: {Reason}")]
    private partial void LogPutAside(int shard, long offset, string reason);

    /// <summary>Holds a record: a message of it, or why there is none.</summary>
    private sealed record Record(int Shard, string Tenant, long Offset, long RecordTime, ReadOnlyMemory<byte> Bytes)
    {
        public MessageRow? Message { get; init; }

        public string? Reason { get; init; }
    }
}
