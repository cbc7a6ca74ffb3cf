using Churn.Notifications.Domain;
using Churn.Notifications.Sending.Email;
using Churn.Notifications.Sending.Webhooks;
using Churn.Notifications.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Notifications.Sending;

/// <summary>Sends what is due, some messages at a time: one loop claims them, and each is handed over by itself.</summary>
/// <remarks>
/// A message is sent by the owner of its shard. The mark before it is handed over is set, and its end is written, under the lease by which
/// it was claimed: an owner that was frozen meanwhile hands nothing over, and says nothing of what its successor has looked into.
/// </remarks>
internal sealed partial class Dispatcher(
    NotificationsStore store, [FromKeyedServices(NotificationsHost.Requests)] LeaseHolder leases, Underway underway, MailComposer composer, SmtpSender smtp, WebhookSender webhooks, SendTelemetry telemetry, NotificationsOptions options, TimeProvider clock, ILogger<Dispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);

    // Shards come and go while other processes do.
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    // As many as one transaction deals with: those that are held, or stay within this database.
    private const int MostClaimed = 64;

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _hurry = new();
    private readonly Random _chance = new(options.Seed);
    private readonly Lock _looking = new();

    // By channel: a receiver of webhooks that is slow holds up no mail.
    private readonly int[] _running = new int[Enum.GetValues<Channel>().Max(channel => (int)channel) + 1];
    private readonly HashSet<Lease> _recovered = [];
    private int _mailFailures;
    private DateTimeOffset _mailResumes = DateTimeOffset.MinValue;

    /// <summary>Stops claiming, and gives what is under way the time that the host gives.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await using (cancellationToken.Register(_hurry.Cancel))
        {
            await base.StopAsync(cancellationToken);
            while (true)
            {
                // Each that ends wakes whoever waits for a write.
                var written = store.NextWrite;
                if (Array.TrueForAll(_running, count => count == 0))
                {
                    break;
                }

                await written.WaitAsync(CancellationToken.None);
            }
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        _hurry.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var written = store.NextWrite;
                var held = leases.Held;
                Recover(held);
                if (!StartDue(held))
                {
                    await RestAsync(written, held, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (LeaseLostException)
            {
                // The consumer of requests finds that out too, and gives the shard up.
                await Task.Delay(AfterFault, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception e)
            {
                LogFault(e);
                await Task.Delay(AfterFault, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What an owner before left within a try: before the mark it was not handed over; after it nobody knows.
    private void Recover(IReadOnlyList<Lease> held)
    {
        _recovered.IntersectWith(held);
        var taken = held.Except(_recovered).ToList();
        if (taken.Count == 0)
        {
            return;
        }

        store.Write(connection =>
        {
            LeaseTable.Check(connection, taken);
            var now = clock.Now();
            foreach (var message in Messages.Interrupted(connection, taken.ConvertAll(lease => lease.Shard)))
            {
                // A receiver of webhooks knows a repetition by its id.
                var onUnknown = message.Channel == Channel.Webhook ? OnUnknown.Resend : message.OnUnknown;
                var standing = message.Standing.Recover(options.Retries, onUnknown, message.ExpireTime, now, Chance());
                MessageChanges.Apply(connection, message, standing, now, detail: "the server ended before the message was handed over");
            }
        });
        _recovered.UnionWith(taken);
    }

    /// <summary>Claims what is due and starts to send it; false where nothing is, or nothing more can be sent now.</summary>
    private bool StartDue(IReadOnlyList<Lease> held)
    {
        var byShard = held.ToDictionary(lease => lease.Shard);
        var now = clock.Now();
        var without = Without(now);
        if (store.Read(connection => Messages.NextDue(connection, without, byShard.Keys)) is not { } next || next > now)
        {
            return false;
        }

        var claimed = store.Write(connection =>
        {
            LeaseTable.Check(connection, held);
            var begun = new List<MessageRow>();
            foreach (var message in Messages.Due(connection, now, without, byShard.Keys, MostClaimed))
            {
                var isRemote = message.Channel == Channel.Webhook || (message.Channel == Channel.Email && options.Smtp is not null);
                if ((!isRemote || begun.Count(other => other.Channel == message.Channel) < options.Concurrency - Volatile.Read(ref _running[(int)message.Channel]))
                    && Claim(connection, message, now) is { } row)
                {
                    begun.Add(row);
                }
            }

            return begun;
        });
        foreach (var message in claimed)
        {
            Interlocked.Increment(ref _running[(int)message.Channel]);
            underway.Begin(message.Shard);
            _ = Task.Run(() => SendAsync(message, byShard.GetValueOrDefault(message.Shard)), CancellationToken.None);
        }

        return true;
    }

    // What stays within this database is sent in the transaction that claims it.
    private MessageRow? Claim(DatabaseConnection connection, MessageRow message, DateTimeOffset now)
    {
        var passage = GateOf(connection, message, now).Decide(now);
        if (passage.Kind != PassageKind.Go)
        {
            MessageChanges.Apply(connection, message, message.Standing.Follow(passage), now);
            return null;
        }

        var begun = MessageChanges.Apply(connection, message, message.Standing.Begin(), now, slot: now);
        switch (message.Channel)
        {
            case Channel.InApp:
                MailRows.AddToInbox(connection, begun, now);
                return Accepted("it is in the inbox");
            case Channel.Email when options.Smtp is null:
                MailRows.Add(connection, composer.Keep(begun, now));
                return Accepted("it is in the development mailbox");
            default:
                return begun;
        }

        MessageRow? Accepted(string detail)
        {
            using var sending = telemetry.Begin(begun);
            var outcome = new Outcome(OutcomeKind.Accepted, detail);
            End(connection, begun, outcome, now);
            sending.End(outcome);
            return null;
        }
    }

    private Gate GateOf(DatabaseConnection connection, MessageRow message, DateTimeOffset now)
    {
        var recipient = message.Request.Recipient;
        var (customer, contact) = (recipient.CustomerId, recipient.ContactId);
        var suppression = message.Channel == Channel.Email && recipient.Email.Length > 0 ? People.SuppressionOf(connection, message.Tenant, recipient.Email) : null;
        var counts = options.Cap is not null && message.Class == MessageClass.Marketing && message.Channel != Channel.Webhook;
        return new Gate
        {
            Channel = message.Channel,
            Class = message.Class,
            Expire = message.ExpireTime,
            HasAddress = message.Channel != Channel.Email || recipient.Email.Length > 0,
            IsWanted = Preference.Wants(People.PreferencesOf(connection, message.Tenant, customer, contact), message.Channel, message.Category),
            Suppression = suppression?.Reason,
            SuppressesAll = suppression?.Transactional ?? false,
            QuietHours = People.QuietHoursOf(connection, message.Tenant, customer, contact) ?? options.QuietHours,
            Zone = message.Zone,
            Cap = counts ? options.Cap : null,
            Sent = counts ? Messages.SlotsOf(connection, message, now - options.Cap!.Window) : [],
        };
    }

    private async Task SendAsync(MessageRow message, Lease lease)
    {
        var current = message;
        using var sending = telemetry.Begin(message);
        try
        {
            IProvider provider = message.Channel == Channel.Webhook ? webhooks : smtp;
            Outcome outcome;
            try
            {
                outcome = await provider.SendAsync(message, HandOver, _hurry.Token);
            }
            catch (LeaseLostException)
            {
                // It was not handed over, and its new owner sends it.
                return;
            }
            catch (Exception e)
            {
                // A fault of ours: it counts as a try, so that it ends.
                LogFault(e);
                outcome = current.Standing.IsHandedOver
                    ? new Outcome(OutcomeKind.NoAnswer, "the server failed at something that it did not foresee; its log says at what")
                    : new Outcome(OutcomeKind.Transient, "the server failed at something that it did not foresee; its log says at what");
            }

            sending.End(outcome);
            if (message.Channel == Channel.Email)
            {
                outcome = NoteProvider(outcome);
            }

            await KeepAsync(current, lease, outcome);
        }
        finally
        {
            Interlocked.Decrement(ref _running[(int)message.Channel]);
            underway.End(message.Shard);
            store.Wake();
        }

        void HandOver() => current = store.Write(connection =>
        {
            LeaseTable.Check(connection, [lease]);
            return Messages.Move(connection, message, message.Standing.HandOver());
        });
    }

    // What the provider said is not forgotten because the disk is full: it is written as soon as there is room.
    private async Task KeepAsync(MessageRow message, Lease lease, Outcome outcome)
    {
        while (true)
        {
            try
            {
                var now = clock.Now();
                store.Write(connection =>
                {
                    LeaseTable.Check(connection, [lease]);
                    End(connection, message, outcome, now);
                });
                return;
            }
            catch (LeaseLostException e)
            {
                // Its new owner has said of it that nobody knows.
                LogFault(e);
                return;
            }
            catch (StorageException e)
            {
                LogFault(e);
                await Task.Delay(AfterFault, clock, _hurry.Token);
            }
        }
    }

    private void End(DatabaseConnection connection, MessageRow message, Outcome outcome, DateTimeOffset now)
    {
        var onUnknown = message.Channel == Channel.Webhook ? OnUnknown.Resend : message.OnUnknown;
        MessageChanges.Apply(connection, message, message.Standing.End(outcome, options.Retries, onUnknown, message.ExpireTime, now, Chance()), now);
        if (outcome.IsAddressDead)
        {
            People.Suppress(connection, message.Tenant, message.Request.Recipient.Email, "bounced", transactional: true, now);
        }

        if (outcome.Kind == OutcomeKind.Provider && message.Channel == Channel.Email)
        {
            Messages.Explain(connection, Channel.Email, now, Reasons.Provider, outcome.Detail);
        }
    }

    // A server that takes nothing is left alone for a while by all messages together.
    private Outcome NoteProvider(Outcome outcome)
    {
        lock (_looking)
        {
            if (outcome.Kind != OutcomeKind.Provider)
            {
                _mailFailures = 0;
                return outcome;
            }

            var wait = options.Retries.Wait(++_mailFailures, _chance.NextDouble(), outcome.RetryAfter);
            _mailResumes = clock.Now() + wait;
            LogProvider(outcome.Detail, wait);
            return outcome with { RetryAfter = wait };
        }
    }

    // The channels that can take nothing more at present, a bit for each.
    private int Without(DateTimeOffset now)
    {
        var without = 0;
        for (var channel = 0; channel < _running.Length; channel++)
        {
            without |= Volatile.Read(ref _running[channel]) >= options.Concurrency ? 1 << channel : 0;
        }

        lock (_looking)
        {
            return without | (_mailResumes > now ? 1 << (int)Channel.Email : 0);
        }
    }

    private double Chance()
    {
        lock (_looking)
        {
            return _chance.NextDouble();
        }
    }

    private async Task RestAsync(Task written, IReadOnlyList<Lease> held, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var without = Without(now);
        var next = store.Read(connection => Messages.NextDue(connection, without, [.. held.Select(lease => lease.Shard)]), cancellationToken);
        DateTimeOffset resumes;
        lock (_looking)
        {
            resumes = _mailResumes;
        }

        var until = resumes > now && (next is null || resumes < next) ? resumes : next;
        var rest = until is { } due ? due - now : LongestRest;
        if (rest <= TimeSpan.Zero)
        {
            return;
        }

        // A timer may go off a little before a clock that counts in finer steps says that it is time.
        await written.WaitAsync(store.Rest(held.Count == Shards.Count ? rest < LongestRest ? rest + TimeSpan.FromMilliseconds(1) : LongestRest : Again), clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Messages could not be sent on.")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No mail is sent for {Wait}: {Detail}")]
    private partial void LogProvider(string detail, TimeSpan wait);
}
