using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report;

/// <summary>Generates what FsCheck does not.</summary>
internal static class Any
{
    /// <summary>Any number from a lowest to a highest, both among them.</summary>
    public static Gen<long> Long(long lowest, long highest) =>
        from high in Gen.Choose(0, int.MaxValue)
        from low in Gen.Choose(0, int.MaxValue)
        from edge in Gen.Choose(0, 20)
        select edge switch
        {
            0 => lowest,
            1 => highest,
            _ => (long)(lowest + ((((Int128)high << 31) + low) % ((Int128)highest - lowest + 1))),
        };
}
