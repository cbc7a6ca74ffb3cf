using FsCheck;
using FsCheck.Fluent;

namespace Churn.Playbooks.Tests;

/// <summary>Checks laws over random worlds; a failure names the smallest seed that was found.</summary>
internal static class Law
{
    public static void Holds(Action<World> check, int times = 300) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(Gen.Choose(0, int.MaxValue)), seed => check(new World((ulong)seed))));

    /// <summary>Checks a law of tables of two by two: a of m against b of n.</summary>
    public static void OfTables(Action<long, long, long, long> check, int times = 500) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true),
            Prop.ForAll(Arb.From(Gen.Choose(0, 199).ArrayOf(4)), x => check(x[0] % (x[1] + 1), x[1] + 1, x[2] % (x[3] + 1), x[3] + 1)));
}
