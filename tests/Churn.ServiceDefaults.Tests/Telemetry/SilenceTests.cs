using System.Diagnostics;
using Churn.ServiceDefaults.Telemetry;

namespace Churn.ServiceDefaults.Tests.Telemetry;

/// <summary>What telemetry costs while nobody listens: nothing is made.</summary>
public sealed class SilenceTests
{
    [Fact]
    public void Instruments_WithoutAListener_AllocateNothing()
    {
        Measure();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Measure();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Measure()
        {
            for (var i = 0; i < 1_000; i++)
            {
                Instruments.Appended.Add(1, Instruments.OfStream("facts"));
                Instruments.Applied.Add(1, Instruments.OfStream("facts"));
                Instruments.Published.Add(1, Instruments.OfStream("facts"));
                Instruments.LeaseChanges.Add(1, Instruments.OfStream("facts"), new("churn.lease.change", "taken"));
                if (Instruments.CommitSizes.Enabled || Instruments.StoreTransactions.Enabled || Causes.Current is not null || Causes.Begin("process facts", ActivityKind.Consumer, []) is not null)
                {
                    throw new InvalidOperationException("Somebody listens.");
                }
            }
        }
    }
}
