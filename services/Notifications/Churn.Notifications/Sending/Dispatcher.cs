using Churn.Notifications.Domain;
using Churn.Notifications.Sending.Email;
using Churn.Notifications.Sending.Webhooks;
using Churn.Notifications.Storage;
using Churn.ServiceDefaults.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Churn.Notifications.Sending;

/// <summary>Sends what is due, some messages at a time: one loop claims them, and each is handed over by itself.</summary>
internal sealed partial class Dispatcher(
    NotificationsStore store, MailComposer composer, SmtpSender smtp, WebhookSender webhooks, SendTelemetry telemetry, NotificationsOptions options, TimeProvider clock, ILogger<Dispatcher> logger)
    : BackgroundService
{
    private static readonly TimeSpan LongestRest = TimeSpan.FromHours(1);
    // As many as one transaction deals with: those that are held, or stay within this database.
    private const int MostClaimed = 64;

    private static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _hurry = new();
    private readonly Random _chance = new(options.Seed);
    private readonly Lock _looking = new();

    // By channel: a receiver of webhooks that is slow holds up no mail.
    private readonly int[] _running = new int[Enum.GetValues<Channel>().Max(channel => (int)channel) + 1];
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
        var recovered = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var written = store.NextWrite;
                if (!recovered)
                {
                    Recover();
                    recovered = true;
                }

                if (!StartDue())
                {
                    await RestAsync(written, stoppingToken);
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception e)
            {
                LogFault(e);
                await Task.Delay(AfterFault, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    // What the process left within a try: before the mark it was not handed over; after it nobody knows.
    private void Recover() => store.Write(connection =>
    {
        var now = clock.Now();
        foreach (var message in Messages.Interrupted(connection))
        {
            // A receiver of webhooks knows a repetition by its id.
            var onUnknown = message.Channel == Channel.Webhook ? OnUnknown.Resend : message.OnUnknown;
            var standing = message.Standing.Recover(options.Retries, onUnknown, message.ExpireTime, now, Chance());
            MessageChanges.Apply(connection, message, standing, now, detail: "the server ended before the message was handed over");
        }
    });

    /// <summary>Claims what is due and starts to send it; false where nothing is, or nothing more can be sent now.</summary>
    private bool StartDue()
    {
        var now = clock.Now();
        var without = Without(now);
        if (store.Read(connection => Messages.NextDue(connection, without)) is not { } next || next > now)
        {
            return false;
        }

        var claimed = store.Write(connection =>
        {
            var begun = new List<MessageRow>();
            foreach (var message in Messages.Due(connection, now, without, MostClaimed))
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
            _ = Task.Run(() => SendAsync(message), CancellationToken.None);
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

    private async Task SendAsync(MessageRow message)
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

            await KeepAsync(current, outcome);
        }
        finally
        {
            Interlocked.Decrement(ref _running[(int)message.Channel]);
            store.Wake();
        }

        void HandOver() => store.Write(connection => current = Messages.Move(connection, current, current.Standing.HandOver()));
    }

    // What the provider said is not forgotten because the disk is full: it is written as soon as there is room.
    private async Task KeepAsync(MessageRow message, Outcome outcome)
    {
        while (true)
        {
            try
            {
                var now = clock.Now();
                store.Write(connection => End(connection, message, outcome, now));
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

    private async Task RestAsync(Task written, CancellationToken cancellationToken)
    {
        var now = clock.Now();
        var without = Without(now);
        var next = store.Read(connection => Messages.NextDue(connection, without));
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
        await written.WaitAsync(rest < LongestRest ? rest + TimeSpan.FromMilliseconds(1) : LongestRest, clock, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Messages could not be sent on.")]
    private partial void LogFault(Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "No mail is sent for {Wait}: {Detail}")]
    private partial void LogProvider(string detail, TimeSpan wait);
}
