using System.Text;
using Churn.Cli.Report.Input;
using FsCheck;
using FsCheck.Fluent;

namespace Churn.Cli.Tests.Report.Input;

public sealed class NamesTests
{
    // Short ones that meet, ones that share a beginning, zeros, and any bytes.
    private static readonly Gen<byte[]> Name = Gen.OneOf(
        Gen.ArrayOf(Gen.Choose(0, 2).Select(i => (byte)i)),
        Gen.ArrayOf(Gen.Choose(0, 255).Select(i => (byte)i)),
        Gen.Choose(0, 400).Select(i => Encoding.ASCII.GetBytes($"customer-{i:00000}")),
        Gen.Choose(0, 40).Select(i => new byte[i]));

    [Fact]
    public void Law_AnyNames_AreNumberedAsADictionaryWould() => Prop.ForAll(Gen.ArrayOf(Name).ToArbitrary(), texts =>
    {
        var names = new Names();
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var text in texts.Concat(texts))
        {
            var key = Convert.ToHexString(text);
            if (!numbers.TryGetValue(key, out var number))
            {
                numbers.Add(key, number = numbers.Count);
            }

            Assert.Equal(number, names.Intern(text));
            Assert.Equal(text, names[number].ToArray());
        }

        Assert.Equal(numbers.Count, names.Count);
        Assert.Equal(Sorted(texts), names.Sorted().Select(n => Convert.ToHexString(names[n])));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Law_SeveralTables_MergeIntoOneInByteOrder()
    {
        var tables = Gen.ArrayOf(Gen.ArrayOf(Name)).Where(t => t.Length > 0);
        Prop.ForAll(tables.ToArbitrary(), texts =>
        {
            var names = texts.Select(t =>
            {
                var table = new Names();
                Array.ForEach(t, text => table.Intern(text));
                return table;
            }).ToList();
            var merged = MergedNames.Of(names, names.ConvertAll(n => n.Sorted()));
            Assert.Equal(Sorted(texts.SelectMany(t => t)), Enumerable.Range(0, merged.Count).Select(n => Convert.ToHexString(merged[n])));
            for (var table = 0; table < names.Count; table++)
            {
                for (var number = 0; number < names[table].Count; number++)
                {
                    Assert.Equal(names[table][number].ToArray(), merged[merged.Numbers[table][number]].ToArray());
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Intern_ManyAndLongNames_KeepsEach()
    {
        var names = new Names();
        var texts = Enumerable.Range(0, 20_000).Select(i => Encoding.ASCII.GetBytes($"{i}{new string('x', i % 300)}"))
            .Append(new byte[3_000_000]).Append("after"u8.ToArray()).ToList();
        Assert.Equal(Enumerable.Range(0, texts.Count), texts.Select(t => names.Intern(t)));
        for (var i = 0; i < texts.Count; i++)
        {
            Assert.True(texts[i].AsSpan().SequenceEqual(names[i]));
        }
    }

    private static IEnumerable<string> Sorted(IEnumerable<byte[]> texts) =>
        texts.Select(t => Convert.ToHexString(t)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
}
