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
}
