using System.CommandLine;
using Churn.Cli.Generate;

namespace Churn.Cli.Tests.Generate;

public sealed class GenerateCommandTests
{
    [Theory]
    [InlineData("--customers 0", "--customers takes a whole number, 1 to 9,999,999, not '0'.")]
    [InlineData("--customers 10000000", "--customers takes a whole number, 1 to 9,999,999, not '10000000'.")]
    [InlineData("--customers many", "--customers takes a whole number, 1 to 9,999,999, not 'many'.")]
    [InlineData("--months 241", "--months takes a whole number, 1 to 240, not '241'.")]
    [InlineData("--seed -1", "--seed takes a whole number, 0 to 9,223,372,036,854,775,807, not '-1'.")]
    [InlineData("--start 2022-13", "--start takes a month, 1970-01 to 2100-12, not '2022-13'.")]
    [InlineData("--start 1969-12", "--start takes a month, 1970-01 to 2100-12, not '1969-12'.")]
    [InlineData("--intervals --rows 0", "--rows takes a whole number, 1 to 9,999,999, not '0'.")]
    [InlineData("--rows 5", "--rows counts intervals: give --intervals too.")]
    [InlineData("--rows 5 --intervals --customers 5", "--rows takes as many customers as it needs: leave out --customers.")]
    public void Invoke_ArgumentOutOfRange_SaysSoAndReturnsOne(string arguments, string error)
    {
        var parsed = GenerateCommand.Create().Parse(arguments);
        Assert.Equal([error], parsed.Errors.Select(e => e.Message));
        using var silent = new StringWriter();
        Assert.Equal(1, parsed.Invoke(new InvocationConfiguration { Output = silent, Error = silent }));
    }

    [Fact]
    public void Invoke_Arguments_WritesThatBusinessToTheFile()
    {
        var path = Path.GetTempFileName();
        try
        {
            Assert.Equal(0, GenerateCommand.Create().Parse(["--customers", "20", "--months", "12", "--seed", "3", "--start", "2023-02", "--out", path]).Invoke());
            Assert.Equal(Generated.Facts(20, 12, 3, Generated.Start.AddMonths(13)), File.ReadAllText(path));

            Assert.Equal(0, GenerateCommand.Create().Parse(["--intervals", "--rows", "5", "--out", path]).Invoke());
            Assert.Equal(Generated.Intervals(100, rows: 5), File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Invoke_FileThatCannotBeWritten_SaysSoAndReturnsOne()
    {
        using var error = new StringWriter();
        var path = Path.Combine(Path.GetTempPath(), "churn-no-such-folder", "facts.ndjson");
        var status = GenerateCommand.Create().Parse(["--out", path]).Invoke(new InvocationConfiguration { Error = error });
        Assert.Equal(1, status);
        Assert.StartsWith($"churn generate: cannot write {path}: ", error.ToString(), StringComparison.Ordinal);
    }
}
