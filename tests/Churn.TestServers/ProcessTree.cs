using System.Globalization;
using System.Runtime.InteropServices;

namespace Churn.TestServers;

/// <summary>Sends signals to a process and all that it has started.</summary>
internal static partial class ProcessTree
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    /// <summary>Sends a signal to one process.</summary>
    public static void Send(int process, int signal) => _ = SendSignal(process, signal);

    /// <summary>Sends a signal to a process and its descendants.</summary>
    public static void SendAll(int root, int signal) => Of(root).ForEach(process => Send(process, signal));

    /// <summary>Kills a process and its descendants, and returns when none of them runs any more.</summary>
    public static void KillAll(int root)
    {
        // What stands still starts no more children while they are counted.
        Send(root, Stop);
        var all = Of(root);
        all.ForEach(process => Send(process, Kill));
        SpinWait.SpinUntil(() => all.TrueForAll(process => !IsRunning(process)), TimeSpan.FromSeconds(10));
    }

    private static List<int> Of(int root)
    {
        var parents = Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Stat(id).Parent))
            .ToLookup(process => process.Parent, process => process.Id);
        var tree = new List<int> { root };
        for (var i = 0; i < tree.Count; i++)
        {
            tree.AddRange(parents[tree[i]]);
        }

        return tree;
    }

    // The first thread of a process is dead before its others, which still hold its sockets.
    private static bool IsRunning(int process)
    {
        try
        {
            return Stat(process).State is not ('\0' or 'X')
                && Directory.EnumerateDirectories(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/task")).Any(thread => Stat(thread).State is not ('\0' or 'Z' or 'X'));
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
    }

    private static (char State, int Parent) Stat(int process) => Stat(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}"));

    // "PID (name, which may hold anything) STATE PARENT ..."
    private static (char State, int Parent) Stat(string folder)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ', 3);
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return default;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int process, int signal);
}
