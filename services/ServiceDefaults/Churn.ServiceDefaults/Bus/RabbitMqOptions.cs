using System.Globalization;

namespace Churn.ServiceDefaults.Bus;

/// <summary>Holds where RabbitMQ is, and how to come in.</summary>
public sealed record RabbitMqOptions
{
    private const string Form = "amqp[s]://USER:PASSWORD@HOST[:PORT][,HOST[:PORT]...][/VHOST][?cacertfile=FILE]";

    private RabbitMqOptions()
    {
    }

    /// <summary>Gives the nodes: any of them will do.</summary>
    public required IReadOnlyList<(string Host, int Port)> Nodes { get; init; }

    /// <summary>Gives the virtual host.</summary>
    public required string VirtualHost { get; init; }

    /// <summary>Gives the user.</summary>
    public required string User { get; init; }

    /// <summary>Gives the user's password.</summary>
    public required string Password { get; init; }

    /// <summary>Says whether the connection is TLS.</summary>
    public required bool Tls { get; init; }

    /// <summary>Gives the file of the authorities that may have signed the nodes' certificates; null for those of the system.</summary>
    public string? AuthorityFile { get; init; }

    /// <summary>Reads "amqp://user:password@host:port,host:port/vhost"; what is special in user, password or virtual host is percent-encoded.</summary>
    /// <exception cref="FormatException">It is no such address; the message says what is wrong, and never repeats the password.</exception>
    public static RabbitMqOptions Parse(string address)
    {
        var (scheme, rest) = Cut(address, "://");
        if (scheme is not ("amqp" or "amqps") || rest is null)
        {
            throw Wrong("it begins neither with amqp:// nor with amqps://");
        }

        var (place, query) = Cut(rest, "?");
        var at = place.LastIndexOf('@');
        var (user, password) = at < 0 ? ("guest", "guest") : Cut(place[..at], ":");
        var (nodes, virtualHost) = Cut(place[(at + 1)..], "/");
        return new RabbitMqOptions
        {
            Nodes = [.. nodes.Split(',').Select(node => NodeOf(node, scheme == "amqps" ? 5671 : 5672))],
            VirtualHost = string.IsNullOrEmpty(virtualHost) ? "/" : Uri.UnescapeDataString(virtualHost),
            User = Uri.UnescapeDataString(user),
            Password = Uri.UnescapeDataString(password ?? throw Wrong("it has a user without a password")),
            Tls = scheme == "amqps",
            AuthorityFile = query is null ? null : AuthorityOf(query, scheme == "amqps"),
        };
    }

    /// <summary>Gives the address without user and password, as it may be shown.</summary>
    public override string ToString() =>
        $"{(Tls ? "amqps" : "amqp")}://{string.Join(',', Nodes.Select(node => string.Create(CultureInfo.InvariantCulture, $"{node.Host}:{node.Port}")))}/{(VirtualHost == "/" ? "" : Uri.EscapeDataString(VirtualHost))}";

    private static (string Host, int Port) NodeOf(string node, int usual)
    {
        // An IPv6 address stands in brackets, since it is full of colons.
        var end = node.StartsWith('[') ? node.IndexOf(']', StringComparison.Ordinal) + 1 : 0;
        var colon = node.IndexOf(':', end);
        var host = colon < 0 ? node : node[..colon];
        if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
        {
            throw Wrong(host.Length == 0 ? "it has no host" : $"\"{host}\" is no host");
        }

        if (colon < 0)
        {
            return (host, usual);
        }

        return ushort.TryParse(node.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0
            ? (host, port)
            : throw Wrong($"\"{node[(colon + 1)..]}\" is no port");
    }

    private static string AuthorityOf(string query, bool tls)
    {
        var (name, value) = Cut(query, "=");
        return name == "cacertfile" && !string.IsNullOrEmpty(value) && tls
            ? Uri.UnescapeDataString(value)
            : throw Wrong(tls ? $"\"?{name}\" is unknown; the one parameter is cacertfile" : "parameters belong to amqps:// alone");
    }

    private static (string Before, string? After) Cut(string text, string mark)
    {
        var at = text.IndexOf(mark, StringComparison.Ordinal);
        return at < 0 ? (text, null) : (text[..at], text[(at + mark.Length)..]);
    }

    private static FormatException Wrong(string what) => new($"The address of RabbitMQ cannot be read: {what}. Write {Form}.");
}
