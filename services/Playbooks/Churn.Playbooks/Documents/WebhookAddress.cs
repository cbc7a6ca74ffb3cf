using System.Net;
using System.Net.Sockets;

namespace Churn.Playbooks.Documents;

/// <summary>Checks where a webhook leads, as far as its address says. What its name resolves to is looked at when it is sent.</summary>
internal static class WebhookAddress
{
    private const int MostLength = 2_000;
    private static readonly string[] PrivateNames = ["localhost", "local", "internal", "lan", "home.arpa", "localdomain"];

    /// <summary>Says what is wrong with an address and what to do; null where nothing is.</summary>
    public static string? Problem(string address, bool allowHttp, bool allowPrivate)
    {
        if (address.Length > MostLength || !Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("https" or "http") || url.Host.Length == 0)
        {
            return $"'{(address.Length > 60 ? address[..60] + "..." : address)}' is no address of the web; write one such as https://example.com/hook";
        }

        if (url.Scheme == "http" && !allowHttp)
        {
            return "the address must begin with https, so that nobody on the way reads or changes what is sent";
        }

        if (url.UserInfo.Length > 0)
        {
            return "the address holds a name or password, which would be shown to all who read playbooks; webhooks are signed instead, take it out";
        }

        return !allowPrivate && IsPrivate(url)
            ? $"'{url.Host}' is an address of a private network, which webhooks may not reach; use a public one"
            : null;
    }

    private static bool IsPrivate(Uri url)
    {
        var host = url.DnsSafeHost.TrimEnd('.');
        return IPAddress.TryParse(host, out var address)
            ? IsPrivate(address)
            : !host.Contains('.', StringComparison.Ordinal)
                || PrivateNames.Any(name => host.EndsWith("." + name, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return IsPrivate(address.MapToIPv4());
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            return IPAddress.IsLoopback(address) || address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal || address.IsIPv6Multicast
                || address.Equals(IPAddress.IPv6Any);
        }

        var bytes = address.GetAddressBytes();
        return bytes[0] is 0 or 10 or 127 or >= 224
            || (bytes[0] == 100 && bytes[1] is >= 64 and < 128)
            || (bytes[0] == 169 && bytes[1] == 254)
            || (bytes[0] == 172 && bytes[1] is >= 16 and < 32)
            || (bytes[0] == 192 && bytes[1] == 168)
            || (bytes[0] == 198 && bytes[1] is 18 or 19);
    }
}
