using System.Net;
using System.Net.Sockets;

namespace Churn.Notifications.Domain;

/// <summary>Says which addresses lie in the open internet, and which in this machine or in networks that are nobody else's business.</summary>
public static class PrivateNetworks
{
    // IANA's registries of special-purpose addresses: what is not globally reachable.
    private static readonly IPNetwork[] Closed =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    private static readonly IPNetwork Global6 = IPNetwork.Parse("2000::/3");
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    /// <summary>Tells whether an address is not one of the open internet; one of IPv4 that is written as IPv6 counts as what it is.</summary>
    public static bool Contains(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Contains(address.MapToIPv4());
        }

        if (address.AddressFamily == AddressFamily.InterNetwork)
        {
            return Array.Exists(Closed, network => network.Contains(address));
        }

        var bytes = address.GetAddressBytes();
        if (Translated.Contains(address))
        {
            return Contains(new IPAddress(bytes.AsSpan(12, 4)));
        }

        if (SixToFour.Contains(address))
        {
            return Contains(new IPAddress(bytes.AsSpan(2, 4)));
        }

        return !Global6.Contains(address) || Array.Exists(Closed, network => network.Contains(address));
    }

    /// <summary>Tells, without asking anybody, whether the host of an address leads into this machine or a private network.</summary>
    public static bool IsPrivateHost(Uri uri)
    {
        var host = uri.IdnHost.TrimEnd('.');
        return IPAddress.TryParse(host, out var address)
            ? Contains(address)
            : host.Length == 0 || host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
    }
}
