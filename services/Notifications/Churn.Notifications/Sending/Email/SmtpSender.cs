using System.Collections.Concurrent;
using Churn.Notifications.Domain;
using Churn.Notifications.Storage;

namespace Churn.Notifications.Sending.Email;

/// <summary>Hands mails to the mail server, over connections that are used again.</summary>
internal sealed class SmtpSender(MailComposer composer, NotificationsOptions options, TimeProvider clock) : IProvider, IAsyncDisposable
{
    // The answer to a whole mail may take longer: it is checked there, and stored.
    private const int Longer = 4;

    private readonly SmtpAddress? _address = options.Smtp is null ? null : SmtpAddress.Parse(options.Smtp);
    private readonly ConcurrentBag<SmtpSession> _idle = [];

    public async Task<Outcome> SendAsync(MessageRow message, Action handOver, CancellationToken cancellationToken)
    {
        var mail = composer.Compose(message, clock.GetUtcNow());
        while (true)
        {
            // An idle connection that the server has closed meanwhile is no failure of the mail: another is tried at once.
            var session = _idle.TryTake(out var idle) ? idle : null;
            var outcome = session is { IsConnected: false } ? null : await TryAsync(session, mail, handOver, cancellationToken);
            if (outcome is not null)
            {
                return outcome;
            }

            session?.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (_idle.TryTake(out var session))
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), clock);
            try
            {
                await session.DisconnectAsync(quit: true, patience.Token);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or MailKit.ProtocolException or MailKit.CommandException or MailKit.ServiceNotConnectedException)
            {
                // It is closed all the same.
            }

            session.Dispose();
        }
    }

    private async Task<Outcome?> TryAsync(SmtpSession? idle, MimeKit.MimeMessage mail, Action handOver, CancellationToken cancellationToken)
    {
        var session = idle ?? new SmtpSession(_address!);
        using var patience = new CancellationTokenSource(options.ProviderTimeout, clock);
        await using var hurry = cancellationToken.Register(patience.Cancel);
        if (idle is null && await session.OpenAsync(_address!, patience.Token) is { } refused)
        {
            session.Dispose();
            return refused;
        }

        var isHandedOver = false;
        var outcome = await session.SendAsync(mail, HandOver, patience, options.ProviderTimeout * Longer);
        if (idle is not null && !isHandedOver && !session.IsConnected && outcome.Kind == OutcomeKind.Transient && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        if (session.IsConnected && outcome.Kind is not (OutcomeKind.Provider or OutcomeKind.NoAnswer) && _idle.Count < options.Concurrency)
        {
            _idle.Add(session);
        }
        else
        {
            session.Dispose();
        }

        return outcome;

        void HandOver()
        {
            handOver();
            isHandedOver = true;
        }
    }
}
