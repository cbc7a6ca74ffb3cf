namespace Churn.Cli.Report;

/// <summary>Runs work on several threads and waits for all of it; the first fault is thrown as it was.</summary>
internal static class Work
{
    /// <summary>Runs the tasks 0 to tasks - 1 on at most so many threads, each task once.</summary>
    public static void Run(int threads, int tasks, Action<int> work)
    {
        var taken = -1;
        OnEach(Math.Clamp(tasks, 1, threads), _ =>
        {
            for (int task; (task = Interlocked.Increment(ref taken)) < tasks;)
            {
                work(task);
            }
        });
    }

    /// <summary>Runs the work once on each of so many threads, with the thread's number from 0.</summary>
    public static void OnEach(int threads, Action<int> work)
    {
        if (threads == 1)
        {
            work(0);
            return;
        }

        System.Runtime.ExceptionServices.ExceptionDispatchInfo? fault = null;
        void Guarded(int number)
        {
            try
            {
                work(number);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref fault, System.Runtime.ExceptionServices.ExceptionDispatchInfo.Capture(e), null);
            }
        }

        var others = new Thread[threads - 1];
        for (var i = 0; i < others.Length; i++)
        {
            var number = i + 1;
            others[i] = new Thread(() => Guarded(number)) { IsBackground = true };
            others[i].Start();
        }

        Guarded(0);
        foreach (var other in others)
        {
            other.Join();
        }

        fault?.Throw();
    }
}
