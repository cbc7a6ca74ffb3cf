using FsCheck;
using FsCheck.Fluent;

namespace Churn.Metrics.Tests;

/// <summary>Checks laws; a failure names the smallest case that was found, and the seed that finds it again.</summary>
internal static class Law
{
    public static void Holds<T>(Arbitrary<T> cases, Action<T> check, int times = 300) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(times).WithQuietOnSuccess(true), Prop.ForAll(cases, check));

    /// <summary>Gives a permutation that depends on a seed and on nothing else.</summary>
    public static List<T> Shuffled<T>(IEnumerable<T> items, int seed)
    {
        var list = items.ToList();
        var state = (ulong)(uint)seed;
        for (var i = list.Count - 1; i > 0; i--)
        {
            state = unchecked((state * 6_364_136_223_846_793_005) + 1_442_695_040_888_963_407);
            var j = (int)((state >> 33) % (ulong)(i + 1));
            (list[i], list[j]) = (list[j], list[i]);
        }

        return list;
    }
}
