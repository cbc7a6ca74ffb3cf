namespace Churn.Cli.Report;

/// <summary>Runs the same work on several threads and waits for all of it.</summary>
internal static class Work
{
    /// <summary>Runs the work with the numbers 0 to threads - 1; the first fault is thrown here as it was.</summary>
    public static void Run(int threads, Action<int> work)
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
