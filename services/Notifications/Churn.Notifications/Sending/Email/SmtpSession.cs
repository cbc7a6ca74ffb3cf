using System.Security.Cryptography;
using Churn.Notifications.Domain;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace Churn.Notifications.Sending.Email;

/// <summary>Holds one connection to the mail server, which knows at each instant whether the server may have the mail.</summary>
internal sealed class SmtpSession : SmtpClient
{
    private readonly SmtpTrace _trace;
    private Action? _handOver;
    private CancellationTokenSource? _patience;
    private TimeSpan _longestAnswer;
    private SmtpReply? _refusal;
    private SmtpPhase _phase;

    public SmtpSession(SmtpAddress address)
        : this(address, new SmtpTrace())
    {
    }

    private SmtpSession(SmtpAddress address, SmtpTrace trace)
        : base(trace)
    {
        _trace = trace;
        // Asking the authority whether a certificate was revoked would need the network beyond the mail server.
        CheckCertificateRevocation = false;
        if (address.Fingerprint is { } fingerprint)
        {
            ServerCertificateValidationCallback = (_, certificate, _, _) =>
                certificate is not null && Convert.ToHexString(SHA256.HashData(certificate.GetRawCertData())) == fingerprint;
        }
    }

    /// <summary>Tells whether a mail was sent over it before: the server may have closed it since.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Connects and logs in.</summary>
    /// <returns>Null, or why it cannot.</returns>
    public async Task<Outcome?> OpenAsync(SmtpAddress address, CancellationToken cancellationToken)
    {
        try
        {
            await ConnectAsync(address.Host, address.Port, address.Security switch
            {
                SmtpSecurity.Implicit => SecureSocketOptions.SslOnConnect,
                SmtpSecurity.Required => SecureSocketOptions.StartTls,
                SmtpSecurity.WhereOffered => SecureSocketOptions.StartTlsWhenAvailable,
                _ => SecureSocketOptions.None,
            }, cancellationToken);
            if (address.User is { } user)
            {
                if (!IsSecure && address.Security != SmtpSecurity.Plain)
                {
                    return Refused(address, "it offers no TLS, and a password is not sent without; write tls=none where the network is your own");
                }

                await AuthenticateAsync(user, address.Password, cancellationToken);
            }

            return null;
        }
        catch (AuthenticationException e)
        {
            return Refused(address, $"it refuses the user name or password: {e.Message}");
        }
        catch (SmtpCommandException e)
        {
            return Refused(address, $"it says {new SmtpReply((int)e.StatusCode, e.Message)}");
        }
        catch (SslHandshakeException e)
        {
            return Refused(address, $"TLS fails: {e.InnerException?.Message ?? "its certificate is not trusted"}");
        }
        catch (NotSupportedException e)
        {
            return Refused(address, e.Message);
        }
        catch (OperationCanceledException)
        {
            return Refused(address, "it does not answer in time");
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ProtocolException)
        {
            return Refused(address, e.Message);
        }
    }

    /// <summary>Sends a mail; every way in which it can end is an outcome.</summary>
    /// <param name="mail">The mail.</param>
    /// <param name="handOver">Called before the server can have it.</param>
    /// <param name="patience">Ends the wait; it is given more time once the mail is handed over.</param>
    /// <param name="longestAnswer">How long the answer to the whole mail may take.</param>
    public async Task<Outcome> SendAsync(MimeMessage mail, Action handOver, CancellationTokenSource patience, TimeSpan longestAnswer)
    {
        (_handOver, _patience, _longestAnswer, _refusal) = (handOver, patience, longestAnswer, null);
        _phase = SmtpPhase.Sender;
        try
        {
            var answer = await SendAsync(FormatOptions.Default, mail, patience.Token);
            IsUsed = true;
            return new Outcome(OutcomeKind.Accepted, $"the mail server says: {answer}");
        }
        catch (ServiceNotAuthenticatedException e)
        {
            return new Outcome(OutcomeKind.Provider, $"the mail server wants a user name and password: {e.Message}");
        }
        catch (SmtpCommandException e)
        {
            return (_refusal ?? new SmtpReply((int)e.StatusCode, e.Message)).Refusal(_phase);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or ProtocolException or OperationCanceledException or ServiceNotConnectedException)
        {
            return Broken(e is OperationCanceledException ? "it does not answer in time" : e.Message.TrimEnd('.'));
        }
        finally
        {
            _handOver = null;
        }
    }

    protected override void OnSenderNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        _refusal = new SmtpReply((int)response.StatusCode, response.Response);
        base.OnSenderNotAccepted(message, mailbox, response);
    }

    protected override void OnRecipientNotAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        // Commands that go out together are answered together: whose sender was refused has no recipient either.
        _phase = _refusal is null ? SmtpPhase.Recipient : _phase;
        _refusal ??= new SmtpReply((int)response.StatusCode, response.Response);
        base.OnRecipientNotAccepted(message, mailbox, response);
    }

    // DATA comes next.
    protected override void OnRecipientAccepted(MimeMessage message, MailboxAddress mailbox, SmtpResponse response)
    {
        base.OnRecipientAccepted(message, mailbox, response);
        if (_refusal is not null)
        {
            return;
        }

        _handOver?.Invoke();
        _phase = SmtpPhase.Content;
        _trace.Forget();
        _patience?.CancelAfter(_longestAnswer);
    }

    private static Outcome Refused(SmtpAddress address, string why) => new(OutcomeKind.Provider, $"the mail server {address}: {why.ReplaceLineEndings(" ").TrimEnd('.', ' ')}");

    // The connection broke: what was answered before decides, and without an answer to the whole mail nobody knows.
    private Outcome Broken(string why)
    {
        if (_refusal is { } refusal)
        {
            return refusal.Refusal(_phase);
        }

        if (_phase != SmtpPhase.Content)
        {
            return new Outcome(OutcomeKind.Transient, $"the mail server went before the mail was handed over: {why}");
        }

        return _trace.Replies switch
        {
            [] => new Outcome(OutcomeKind.Transient, $"the mail server went before it asked for the mail: {why}"),
            [{ Code: >= 400 } toData, ..] => toData.Refusal(SmtpPhase.Content),
            [_, { Code: >= 400 } toMail, ..] => toMail.Refusal(SmtpPhase.Content),
            [_, { Code: >= 200 and < 300 } toMail, ..] => new Outcome(OutcomeKind.Accepted, $"the mail server says: {toMail}"),
            _ => new Outcome(OutcomeKind.NoAnswer, $"the mail server did not answer after it was given the mail: {why}"),
        };
    }
}
