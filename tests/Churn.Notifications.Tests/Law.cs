using FsCheck;
using FsCheck.Fluent;

namespace Churn.Notifications.Tests;

/// <summary>Checks laws; a failure names the smallest case that was found, and the seed that finds it again.</summary>
internal static class Law
{
    public static void Holds<T>(Arbitrary<T> cases, Action<T> check, int times = 300) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true), Prop.ForAll(cases, check));
}
