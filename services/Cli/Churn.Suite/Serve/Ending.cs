using System.Runtime.InteropServices;

namespace Churn.Suite.Serve;

/// <summary>Tells a command to end when the process is told to; told again, or when it takes too long, the process ends at once. Nothing acknowledged is lost by it.</summary>
/// <remarks>The command line's own handler waits for the command, and the next signal behind it, so that a second one would come too late.</remarks>
internal sealed class Ending : IDisposable
{
    private readonly CancellationTokenSource _told = new();
    private readonly TimeSpan _longest;
    private readonly PosixSignalRegistration[] _registrations;
    private Timer? _patience;

    public Ending(TimeSpan longest)
    {
        _longest = longest;
        _registrations = [Register(PosixSignal.SIGTERM, 143), Register(PosixSignal.SIGINT, 130)];
    }

    /// <summary>Gives the token that is cancelled when the process is told to end.</summary>
    public CancellationToken Token => _told.Token;

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _patience?.Dispose();
        _told.Dispose();
    }

    private PosixSignalRegistration Register(PosixSignal signal, int status) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        if (_told.IsCancellationRequested)
        {
            Environment.Exit(status);
        }

        _patience = new Timer(_ => Environment.Exit(status), state: null, _longest, Timeout.InfiniteTimeSpan);
        ThreadPool.QueueUserWorkItem(_ => _told.Cancel());
    });
}
