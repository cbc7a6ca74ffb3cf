using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Churn.ServiceDefaults.Threads;

/// <summary>Runs works one after the other on a thread of its own, which gives way to the threads that answer calls.</summary>
/// <remarks>
/// Work that takes many milliseconds on a thread of the pool holds up whatever waits for that thread, and on a machine that is busy
/// the system shares the processors evenly among threads: a call that needs microseconds would wait its turn behind it.
/// </remarks>
public sealed partial class QuietThread : IDisposable
{
    private const int Niceness = 5;

    private readonly BlockingCollection<Action> _works = [];

    /// <summary>Starts the thread.</summary>
    /// <param name="name">Its name, for whoever looks at the process.</param>
    public QuietThread(string name) => new Thread(Run) { IsBackground = true, Name = name }.Start();

    /// <summary>Lets the calling thread give way to others of the process; nothing where the system cannot.</summary>
    public static void GiveWay()
    {
        // On Linux a thread has a niceness of its own, and "0" is the one that calls; elsewhere it would be the whole process.
        if (OperatingSystem.IsLinux())
        {
            _ = SetPriority(which: 0, who: 0, Niceness);
        }
    }

    /// <summary>Runs a work when those before it are done, within the span of who asks for it.</summary>
    /// <exception cref="InvalidOperationException">The thread has been told to end.</exception>
    public Task RunAsync(Action work)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cause = Activity.Current;
        _works.Add(() =>
        {
            Activity.Current = cause;
            try
            {
                work();
                done.SetResult();
            }
            catch (Exception exception)
            {
                done.SetException(exception);
            }
        });
        return done.Task;
    }

    /// <summary>Lets the thread end after the works that wait.</summary>
    public void Dispose() => _works.CompleteAdding();

    private void Run()
    {
        GiveWay();
        foreach (var work in _works.GetConsumingEnumerable())
        {
            work();
        }

        _works.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
