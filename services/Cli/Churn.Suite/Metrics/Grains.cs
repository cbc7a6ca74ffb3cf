using System.CommandLine;
using Churn.Cli;
using Churn.Metrics.Domain;
using V1 = Churn.Metrics.V1;

namespace Churn.Suite.Metrics;

/// <summary>Names grains.</summary>
internal static class Grains
{
    public static Option<V1.Grain> Option(string description, bool hasInstant)
    {
        // The month is what a request means that does not say: the value that is zero.
        (string, V1.Grain)[] grains = [("month", V1.Grain.Unspecified), ("day", V1.Grain.Day), ("instant", V1.Grain.Instant)];
        return TypedOption.Choice("--grain", description, hasInstant ? grains : grains[..2]);
    }

    /// <summary>Names the column of a grain's periods as the files do.</summary>
    public static string ColumnOf(V1.Grain grain) => grain switch { V1.Grain.Day => "day", V1.Grain.Instant => "t", _ => "month" };

    public static Grain Of(V1.Grain grain) => grain switch { V1.Grain.Day => Grain.Day, V1.Grain.Instant => Grain.Instant, _ => Grain.Month };
}
