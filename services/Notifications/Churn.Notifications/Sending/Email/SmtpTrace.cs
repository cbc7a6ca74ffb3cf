using System.Globalization;
using System.Text;
using Churn.Notifications.Domain;
using MailKit;

namespace Churn.Notifications.Sending.Email;

/// <summary>Keeps what the server answered since the mail was handed over.</summary>
/// <remarks>
/// After a refusal MailKit says RSET; when the server has gone by then, the exception is that of RSET and not the refusal. What was
/// answered decides what becomes of the message, so it is read here.
/// </remarks>
internal sealed class SmtpTrace : IProtocolLogger
{
    private const int MostBytes = 8 * 1024;

    private readonly StringBuilder _line = new();
    private readonly StringBuilder _text = new();
    private readonly List<SmtpReply> _replies = [];
    private int _bytes;

    public IAuthenticationSecretDetector? AuthenticationSecretDetector { get; set; }

    /// <summary>Gives the whole answers since <see cref="Forget"/>.</summary>
    public IReadOnlyList<SmtpReply> Replies => _replies;

    /// <summary>Begins anew.</summary>
    public void Forget()
    {
        _replies.Clear();
        _line.Clear();
        _text.Clear();
        _bytes = 0;
    }

    public void LogConnect(Uri uri) => Forget();

    public void LogClient(byte[] buffer, int offset, int count)
    {
    }

    public void LogServer(byte[] buffer, int offset, int count)
    {
        foreach (var value in buffer.AsSpan(offset, count))
        {
            if (++_bytes > MostBytes)
            {
                return;
            }

            if (value == '\n')
            {
                Take(_line.ToString().TrimEnd('\r'));
                _line.Clear();
            }
            else
            {
                _line.Append((char)value);
            }
        }
    }

    public void Dispose()
    {
    }

    private void Take(string line)
    {
        if (line.Length < 3 || !int.TryParse(line.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            return;
        }

        _text.Append(_text.Length > 0 ? " " : "").Append(line.Length > 4 ? line[4..] : "");
        if (line.Length == 3 || line[3] != '-')
        {
            _replies.Add(new SmtpReply(code, _text.ToString()));
            _text.Clear();
        }
    }
}
