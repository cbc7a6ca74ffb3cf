using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Churn.TestServers;

/// <summary>Picks ports for servers that must know theirs beforehand, and keep it over restarts.</summary>
public static class FreePorts
{
    // Below the range that the system gives to clients, so that none of them takes the port while the server is down.
    private const int First = 10_000;
    private const int Last = 31_000;

    private static readonly Lock Picking = new();
    private static readonly HashSet<int> Picked = [];

    /// <summary>Gives a port of 127.0.0.1 that nobody listens on, and that was not given before.</summary>
    public static int Next() => Next(1);

    /// <summary>Gives the first of some consecutive ports.</summary>
    public static int Next(int count)
    {
        lock (Picking)
        {
            while (true)
            {
                var first = RandomNumberGenerator.GetInt32(First, Last);
                var ports = Enumerable.Range(first, count).ToList();
                if (ports.TrueForAll(port => !Picked.Contains(port) && IsFree(port)))
                {
                    Picked.UnionWith(ports);
                    return first;
                }
            }
        }
    }

    private static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
