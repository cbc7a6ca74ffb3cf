using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Churn.Notifications.Tests.Smtp;

/// <summary>Names the instants of a session at which a server can fail.</summary>
public enum SmtpStage
{
    Greeting,
    Hello,
    StartTls,
    Auth,
    Mail,
    Recipient,
    Data,
    Body,

    /// <summary>The whole mail is there, and is thrown away.</summary>
    Received,

    /// <summary>The whole mail is there and kept, and the client is not told.</summary>
    Kept,

    /// <summary>The client was told.</summary>
    Answered,
}

/// <summary>Names what the server does at a stage.</summary>
public enum SmtpDeed
{
    GoOn,
    Drop,

    /// <summary>Says nothing more and keeps the connection open.</summary>
    Hang,
}

/// <summary>A mail that the server took over.</summary>
public sealed record ReceivedMail(string From, string To, byte[] Data, string? User, bool IsEncrypted)
{
    public string Text => Encoding.Latin1.GetString(Data);

    public string MessageId => Header("Message-Id");

    /// <summary>Gives a header's value, unfolded; empty where there is none.</summary>
    public string Header(string name)
    {
        var head = Text[..Text.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Replace("\r\n\t", " ", StringComparison.Ordinal).Replace("\r\n ", " ", StringComparison.Ordinal);
        return head.Split("\r\n").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))?[(name.Length + 1)..].Trim() ?? "";
    }
}

/// <summary>A mail server that takes nothing that RFC 5321 does not allow, fails where it is told to, and keeps what it took over.</summary>
public sealed class StrictSmtpServer : IAsyncDisposable
{
    private const int MostSize = 1_000_000;
    private const int LongestLine = 1_000;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentQueue<ReceivedMail> _mails = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly Lazy<X509Certificate2> _certificate = new(MakeCertificate);
    private readonly Task _accepting;
    private int _connections;

    public StrictSmtpServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Decides at each stage; the number is that of the connection, from 1.</summary>
    public Func<SmtpStage, int, SmtpDeed> Deed { get; set; } = (_, _) => SmtpDeed.GoOn;

    /// <summary>Gives another answer than the usual one at a stage, such as "550 5.1.1 no such user"; the argument is what the client said.</summary>
    public Func<SmtpStage, string, string?> Answer { get; set; } = (_, _) => null;

    /// <summary>Tells whether the server goes as soon as it has refused something.</summary>
    public bool LeavesAfterRefusals { get; init; }

    public bool OffersTls { get; init; }

    public bool WantsTls { get; init; }

    public (string User, string Password)? Login { get; init; }

    public bool Pipelines { get; init; } = true;

    public bool OffersEightBit { get; init; } = true;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Fingerprint => Convert.ToHexString(SHA256.HashData(_certificate.Value.RawData));

    public IReadOnlyList<ReceivedMail> Mails => [.. _mails];

    /// <summary>Gives what clients did that they must not.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_sessions);
        _end.Dispose();
        if (_certificate.IsValueCreated)
        {
            _certificate.Value.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_end.Token);
                var number = Interlocked.Increment(ref _connections);
                _sessions.Add(Task.Run(() => ServeAsync(client, number)));
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It was told to end.
        }
    }

    private async Task ServeAsync(TcpClient client, int number)
    {
        using (client)
        {
            client.NoDelay = true;
            try
            {
                await using var session = new Session(this, client, number, _end.Token);
                await session.RunAsync();
            }
            catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or AuthenticationFailedException or System.Security.Authentication.AuthenticationException)
            {
                // The client went, or the server did on purpose.
            }
        }
    }

    private static X509Certificate2 MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var now = TimeProvider.System.GetUtcNow();
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }

    private sealed class AuthenticationFailedException() : Exception("The session ended.");

    private sealed class Session(StrictSmtpServer server, TcpClient client, int number, CancellationToken end) : IAsyncDisposable
    {
        private readonly byte[] _buffer = new byte[16 * 1024];
        private Stream _stream = client.GetStream();
        private int _at;
        private int _filled;
        private bool _isEncrypted;
        private bool _greeted;
        private string? _user;
        private string? _from;
        private string? _to;
        private bool _eightBit;
        private long _size;

        public ValueTask DisposeAsync() => _stream.DisposeAsync();

        public async Task RunAsync()
        {
            await DoAsync(SmtpStage.Greeting);
            await SayAsync(SmtpStage.Greeting, "", "220 strict.example ESMTP");
            while (await LineAsync() is { } line)
            {
                var command = line.Split(' ', 2)[0].ToUpperInvariant();
                switch (command)
                {
                    case "EHLO":
                        await HelloAsync(line);
                        break;
                    case "STARTTLS":
                        await StartTlsAsync(line);
                        break;
                    case "AUTH":
                        await AuthAsync(line);
                        break;
                    case "MAIL":
                        await MailAsync(line);
                        break;
                    case "RCPT":
                        await RecipientAsync(line);
                        break;
                    case "DATA":
                        await DataAsync(line);
                        break;
                    case "RSET":
                        (_from, _to) = (null, null);
                        await SayAsync("250 2.0.0 reset");
                        break;
                    case "NOOP":
                        await SayAsync("250 2.0.0 well");
                        break;
                    case "QUIT":
                        await SayAsync("221 2.0.0 bye");
                        return;
                    default:
                        Violation($"'{line}' is no command");
                        await SayAsync("500 5.5.1 what?");
                        break;
                }
            }
        }

        private async Task HelloAsync(string line)
        {
            if (line.Length <= 5)
            {
                Violation("EHLO names nobody");
            }

            _greeted = true;
            await DoAsync(SmtpStage.Hello);
            string[] lines =
            [
                "strict.example",
                $"SIZE {MostSize}",
                "ENHANCEDSTATUSCODES",
                .. server.OffersEightBit ? (string[])["8BITMIME"] : [],
                .. server.Pipelines ? (string[])["PIPELINING"] : [],
                .. (server.OffersTls || server.WantsTls) && !_isEncrypted ? (string[])["STARTTLS"] : [],
                .. server.Login is not null && (_isEncrypted || !server.WantsTls) ? (string[])["AUTH PLAIN LOGIN"] : [],
            ];
            await SayAsync(SmtpStage.Hello, line, string.Join("\r\n", lines.Select((text, i) => $"250{(i < lines.Length - 1 ? '-' : ' ')}{text}")));
        }

        private async Task StartTlsAsync(string line)
        {
            if (!_greeted || _isEncrypted || !(server.OffersTls || server.WantsTls))
            {
                Violation("STARTTLS where it is not offered");
                await SayAsync("503 5.5.1 not now");
                return;
            }

            await DoAsync(SmtpStage.StartTls);
            if (await SayAsync(SmtpStage.StartTls, line, "220 2.0.0 go on") >= 400)
            {
                return;
            }

            if (_at < _filled)
            {
                Violation("something in the clear came after STARTTLS");
            }

            var secured = new SslStream(_stream);
            _stream = secured;
            await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = server._certificate.Value }, end);
            (_isEncrypted, _greeted, _user) = (true, false, null);
        }

        private async Task AuthAsync(string line)
        {
            if (!_greeted || server.Login is not { } login || (server.WantsTls && !_isEncrypted))
            {
                Violation("AUTH where it is not offered");
                await SayAsync("503 5.5.1 not now");
                return;
            }

            await DoAsync(SmtpStage.Auth);
            var words = line.Split(' ');
            string user, password;
            if (words[1].Equals("PLAIN", StringComparison.OrdinalIgnoreCase))
            {
                var parts = Decode(words.Length > 2 ? words[2] : await AskAsync("334 ")).Split('\0');
                (user, password) = (parts[1], parts[2]);
            }
            else
            {
                user = Decode(words.Length > 2 ? words[2] : await AskAsync("334 VXNlcm5hbWU6"));
                password = Decode(await AskAsync("334 UGFzc3dvcmQ6"));
            }

            var right = (user, password) == login;
            if (await SayAsync(SmtpStage.Auth, line, right ? "235 2.7.0 welcome" : "535 5.7.8 the user name or password is wrong") < 300)
            {
                _user = user;
            }

            static string Decode(string text) => Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }

        private async Task<string> AskAsync(string question)
        {
            await SayAsync(question);
            return await LineAsync() ?? throw new AuthenticationFailedException();
        }

        private async Task MailAsync(string line)
        {
            if (!_greeted || _from is not null)
            {
                Violation(_greeted ? "MAIL within a mail" : "MAIL before EHLO");
                await SayAsync("503 5.5.1 not now");
                return;
            }

            if (server.WantsTls && !_isEncrypted)
            {
                await SayAsync("530 5.7.0 say STARTTLS first");
                return;
            }

            if (server.Login is not null && _user is null)
            {
                await SayAsync("530 5.7.0 say who you are first");
                return;
            }

            await DoAsync(SmtpStage.Mail);
            var words = line.Split(' ');
            var from = AddressOf(words.Length > 1 ? words[1] : "", "FROM:");
            (_eightBit, _size) = (false, -1);
            foreach (var word in words.Skip(2))
            {
                switch (word.Split('=', 2))
                {
                    case ["SIZE", var size]:
                        _size = long.Parse(size, CultureInfo.InvariantCulture);
                        break;
                    case ["BODY", "8BITMIME"] when server.OffersEightBit:
                        _eightBit = true;
                        break;
                    case ["BODY", "7BIT"]:
                        break;
                    default:
                        Violation($"MAIL with {word}, which was not offered");
                        break;
                }
            }

            var usual = _size > MostSize ? "552 5.3.4 too large" : "250 2.1.0 sender";
            if (await SayAsync(SmtpStage.Mail, line, usual) < 300)
            {
                _from = from;
            }
        }

        private async Task RecipientAsync(string line)
        {
            if (_from is null)
            {
                // Of commands that go out together, those after a refused one come all the same.
                if (!server.Pipelines)
                {
                    Violation("RCPT before MAIL");
                }

                await SayAsync("503 5.5.1 not now");
                return;
            }

            await DoAsync(SmtpStage.Recipient);
            var to = AddressOf(line.Split(' ') is [_, var word] ? word : "", "TO:");
            if (await SayAsync(SmtpStage.Recipient, line, "250 2.1.5 recipient") < 300)
            {
                _to = to;
            }
        }

        private async Task DataAsync(string line)
        {
            if (_from is null || _to is null)
            {
                Violation("DATA without a sender and a recipient");
                await SayAsync("503 5.5.1 not now");
                return;
            }

            await DoAsync(SmtpStage.Data);
            if (await SayAsync(SmtpStage.Data, line, "354 go on, end with .") >= 400)
            {
                return;
            }

            var data = new MemoryStream();
            while (true)
            {
                var bytes = await RawLineAsync() ?? throw new IOException("The client went within the mail.");
                if (bytes is [(byte)'.'])
                {
                    break;
                }

                if (data.Length == 0)
                {
                    await DoAsync(SmtpStage.Body);
                }

                if (bytes is [(byte)'.', ..] and not [(byte)'.', (byte)'.', ..])
                {
                    Violation("a line begins with a dot that is not doubled");
                }

                if (!_eightBit && Array.Exists(bytes, value => value > 127))
                {
                    Violation("eight bits in a mail of seven");
                }

                data.Write(bytes is [(byte)'.', ..] ? bytes.AsSpan(1) : bytes);
                data.Write("\r\n"u8);
            }

            if (_size >= 0 && data.Length > _size + 16)
            {
                Violation($"SIZE={_size}, and it has {data.Length}");
            }

            await DoAsync(SmtpStage.Received);
            var mail = new ReceivedMail(_from, _to, data.ToArray(), _user, _isEncrypted);
            (_from, _to) = (null, null);
            var answer = server.Answer(SmtpStage.Received, mail.MessageId) ?? "250 2.0.0 taken over";
            if (answer[0] == '2')
            {
                server._mails.Enqueue(mail);
            }

            await DoAsync(SmtpStage.Kept);
            await SayAsync(answer);
            LeaveAfter(answer);
            await DoAsync(SmtpStage.Answered);
        }

        private string AddressOf(string word, string keyword)
        {
            if (word.StartsWith(keyword + "<", StringComparison.OrdinalIgnoreCase) && word.EndsWith('>'))
            {
                return word[(keyword.Length + 1)..^1];
            }

            Violation($"'{word}' is not {keyword}<...>");
            return word;
        }

        private async Task DoAsync(SmtpStage stage)
        {
            switch (server.Deed(stage, number))
            {
                case SmtpDeed.Drop:
                    // Reset, so that the client cannot take it for an orderly end.
                    client.LingerState = new LingerOption(enable: true, seconds: 0);
                    client.Client.Close();
                    throw new IOException("The connection is dropped.");
                case SmtpDeed.Hang:
                    while (await ReadAsync())
                    {
                        _at = _filled;
                    }

                    throw new IOException("The client had enough.");
                default:
                    return;
            }
        }

        private Task SayAsync(string answer) => _stream.WriteAsync(Encoding.ASCII.GetBytes(answer + "\r\n"), end).AsTask();

        private async Task<int> SayAsync(SmtpStage stage, string said, string usual)
        {
            var answer = server.Answer(stage, said) ?? usual;
            await SayAsync(answer);
            LeaveAfter(answer);
            return int.Parse(answer.AsSpan(0, 3), CultureInfo.InvariantCulture);
        }

        private void LeaveAfter(string answer)
        {
            if (server.LeavesAfterRefusals && answer[0] is ('4' or '5'))
            {
                throw new IOException("The server goes after its refusal.");
            }
        }

        private void Violation(string what) => server._violations.Enqueue(what);

        private async Task<string?> LineAsync() => await RawLineAsync() is { } bytes ? Encoding.UTF8.GetString(bytes) : null;

        private async Task<byte[]?> RawLineAsync()
        {
            var line = new List<byte>();
            while (true)
            {
                if (_at == _filled && !await ReadAsync())
                {
                    return null;
                }

                var value = _buffer[_at++];
                if (value == '\n')
                {
                    if (line is not [.., (byte)'\r'])
                    {
                        Violation("a bare LF");
                        await SayAsync("500 5.5.2 a line ends with CR LF");
                        throw new IOException("A bare LF.");
                    }

                    line.RemoveAt(line.Count - 1);
                    if (line.Count > LongestLine - 2)
                    {
                        Violation("a line of more than 1000 bytes");
                    }

                    return [.. line];
                }

                if (line is [.., (byte)'\r'])
                {
                    Violation("a bare CR");
                }

                line.Add(value);
            }
        }

        private async Task<bool> ReadAsync()
        {
            _at = 0;
            _filled = await _stream.ReadAsync(_buffer, end);
            return _filled > 0;
        }
    }
}
