using Churn.Playbooks.Domain;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Playbooks.Reads;

/// <summary>Translates readouts.</summary>
internal static class ReadoutToWire
{
    public static V1.Readout ToWire(this Readout readout, string playbook, Timestamp watermark)
    {
        var wire = new V1.Readout
        {
            Playbook = playbook,
            AfterDays = readout.AfterDays,
            Treated = readout.Treated.ToWire(),
            HeldOut = readout.HeldOut.ToWire(),
            SampleRatio = new V1.SampleRatio
            {
                TreatedCount = readout.SampleRatio.Treated,
                HeldOutCount = readout.SampleRatio.HeldOut,
                ExpectedHeldOut = readout.SampleRatio.ExpectedHeldOut,
                Ok = readout.SampleRatio.IsInOrder,
            },
            Mrr = { readout.Mrr.Select(ToWire) },
            PendingCount = readout.Pending,
            Sentence = readout.Sentence,
            Watermark = watermark,
        };
        if (readout.SampleRatio.PValue is { } ratio)
        {
            wire.SampleRatio.PValue = ratio;
        }

        if (readout is { Difference: { } difference, DifferenceInterval: { } interval, PValue: { } value })
        {
            (wire.RetentionDifference, wire.DifferenceLow, wire.DifferenceHigh, wire.PValue) = (difference, interval.Low, interval.High, value);
        }

        return wire;
    }

    private static V1.Arm ToWire(this Arm arm)
    {
        var wire = new V1.Arm { CustomerCount = arm.Customers, RetainedCount = arm.Retained };
        if (arm.Retention is { } retention)
        {
            wire.Retention = retention;
        }

        return wire;
    }

    private static V1.MrrDifference ToWire(MrrDifference difference)
    {
        var wire = new V1.MrrDifference
        {
            Currency = difference.Currency,
            TreatedMeanMicros = difference.TreatedMean,
            HeldOutMeanMicros = difference.HeldOutMean,
            DifferenceMicros = difference.Difference,
            SavedMicros = difference.Saved,
        };
        if (difference.Interval is { } interval)
        {
            (wire.DifferenceLowMicros, wire.DifferenceHighMicros) = (interval.Low, interval.High);
        }

        return wire;
    }
}
