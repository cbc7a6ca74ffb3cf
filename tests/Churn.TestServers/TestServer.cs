using System.Diagnostics;
using System.Globalization;

namespace Churn.TestServers;

/// <summary>Runs a server for a test: on ports of its own, in a folder that goes with it, and never longer than the test's process.</summary>
public abstract class TestServer : IAsyncDisposable
{
    // The server is a session of its own, so that one signal reaches it; it is killed when the test's process is gone, which closes
    // the pipe, and not when a signal to the test's group ends those who watch. PR_SET_PDEATHSIG would not do: it follows the thread that started the server, and threads of the pool come and go.
    private const string Watch =
        """
        log=$1; shift
        exec 3<&0 2>/dev/null
        setsid "$@" </dev/null >>"$log" 2>&1 3<&- & server=$!
        trap '' HUP INT TERM
        echo $server
        ( while read -r _ <&3; do :; done; kill -KILL -$server ) >/dev/null &
        wait $server
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly string _name;
    private Process? _watch;
    private int _server;

    /// <summary>Makes its folder.</summary>
    private protected TestServer(string name)
    {
        _name = name;
        Folder = Directory.CreateTempSubdirectory($"churn-{name}-").FullName;
    }

    /// <summary>Gives the folder of its data, its settings and its log.</summary>
    public string Folder { get; }

    /// <summary>Says whether its process is there, be it frozen.</summary>
    public bool IsRunning => _watch is { HasExited: false };

    /// <summary>Gives what it has written since its last start.</summary>
    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>Gives the identity of its process.</summary>
    public int ProcessId => _server;

    private protected abstract ServerCommand Command { get; }

    /// <summary>Gives the user that servers run as which refuse root; null where the tests are not root.</summary>
    private protected static string? Unprivileged { get; } = Environment.UserName != "root" ? null
        : File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    private string LogFile => Path.Combine(Folder, "server.log");

    /// <summary>Kills it and all that it has started, as a power cut would, except that the system keeps what was written to it.</summary>
    public void Kill()
    {
        if (IsRunning)
        {
            ProcessTree.KillAll(_server);
            _watch!.WaitForExit();
        }
    }

    /// <summary>Tells it to end, and waits until it has.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (IsRunning)
        {
            ProcessTree.Send(_server, Command.StopSignal);
            Thaw();
            await _watch!.WaitForExitAsync(cancellationToken);
        }
    }

    /// <summary>Starts it on its data, on the same ports; kills it before if it runs.</summary>
    public async Task RestartAsync(CancellationToken cancellationToken)
    {
        Kill();
        await StartProcessAsync(cancellationToken);
    }

    /// <summary>Lets it stand still: its connections stay open, and nobody answers.</summary>
    public void Freeze() => ProcessTree.SendAll(_server, ProcessTree.Stop);

    /// <summary>Lets it go on.</summary>
    public void Thaw() => ProcessTree.SendAll(_server, ProcessTree.Continue);

    /// <summary>Kills it and takes its folder away.</summary>
    public virtual ValueTask DisposeAsync()
    {
        Kill();
        _watch?.Dispose();
        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }

        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    /// <summary>Makes and starts a server, and takes away what is left of one that does not start.</summary>
    private protected static async Task<T> StartAsync<T>(T server, Func<Task> prepare, CancellationToken cancellationToken)
        where T : TestServer
    {
        try
        {
            await prepare();
            await server.StartProcessAsync(cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    internal static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>Gives a command that runs as a user.</summary>
    private protected static string[] As(string? user, params string[] command) =>
        user is null ? command : ["setpriv", "--reuid", user, "--regid", user == "nobody" ? "nogroup" : user, "--clear-groups", .. command];

    /// <summary>Runs a program to its end, and gives its output.</summary>
    private protected static async Task<string> RunAsync(
        IReadOnlyList<string> command, IEnumerable<KeyValuePair<string, string>> environment, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/" };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)}: {await errors}{output}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    private async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        _watch?.Dispose();
        File.Delete(LogFile);
        var command = Command;
        var start = new ProcessStartInfo("/bin/sh", ["-c", Watch, "sh", LogFile, .. command.Line])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = Folder,
        };
        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        _watch = Process.Start(start)!;
        _server = int.Parse((await _watch.StandardOutput.ReadLineAsync(cancellationToken))!, CultureInfo.InvariantCulture);
        var since = TimeProvider.System.GetTimestamp();
        while (!Log.Contains(command.Ready, StringComparison.Ordinal))
        {
            if (_watch.HasExited || TimeProvider.System.GetElapsedTime(since) > Patience)
            {
                throw new InvalidOperationException($"{_name} did not start:\n{Log}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    /// <summary>Says how a server is run.</summary>
    /// <param name="Line">The program and its arguments.</param>
    /// <param name="Ready">What it writes when it can be connected to.</param>
    private protected sealed record ServerCommand(IReadOnlyList<string> Line, string Ready)
    {
        public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

        public int StopSignal { get; init; } = ProcessTree.Terminate;
    }
}
