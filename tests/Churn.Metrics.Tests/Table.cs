using System.Globalization;
using Churn.Metrics.Domain;
using Calendar = Churn.Metrics.Domain.Calendar;

namespace Churn.Metrics.Tests;

/// <summary>Reads the oracle's files: CSV without quotes, a header, LF.</summary>
internal static class Table
{
    // Money is in cents there.
    private const long Cent = Money.Unit / 100;

    public static List<Row> Read(params string[] path)
    {
        var lines = File.ReadAllLines(Path.Combine([AppContext.BaseDirectory, "Data", "oracle-small", .. path]));
        var columns = lines[0].Split(',');
        return [.. lines.Skip(1).Select(line => new Row([.. columns.Zip(line.Split(','))]))];
    }

    public static string Month(int month)
    {
        var (year, ofYear) = Calendar.YearAndMonth(month);
        return $"{year:D4}-{ofYear:D2}";
    }

    public static string Day(int day)
    {
        var (year, month, dayOfMonth) = Calendar.DateOfDay(day);
        return $"{year:D4}-{month:D2}-{dayOfMonth:D2}";
    }

    public static string Instant(long instant)
    {
        var ofDay = TimeSpan.FromMicroseconds(instant - (Calendar.DayOf(instant) * Calendar.Day));
        return $"{Day(Calendar.DayOf(instant))}T{ofDay:hh\\:mm\\:ss}Z";
    }

    public static int ParseMonth(string text) =>
        Calendar.MonthOf(int.Parse(text[..4], CultureInfo.InvariantCulture), int.Parse(text[5..], CultureInfo.InvariantCulture));

    public static long ParseInstant(string text) =>
        (DateTimeOffset.Parse(text, CultureInfo.InvariantCulture) - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    public static string Cents(Int128 micros)
    {
        Assert.Equal(0, micros % Cent);
        return (micros / Cent).ToString(CultureInfo.InvariantCulture);
    }

    internal sealed record Row(IReadOnlyList<(string Column, string Text)> Cells)
    {
        private readonly Dictionary<string, string> _texts = Cells.ToDictionary(c => c.Column, c => c.Text);

        public string this[string column] => _texts[column];

        public long Micros(string column) => long.Parse(this[column], CultureInfo.InvariantCulture) * Cent;

        /// <summary>Asserts that these cells are those of the row, and that it has no others.</summary>
        public void AssertIs(params (string Column, object? Value)[] actual)
        {
            Assert.Equal(Cells.Select(c => c.Column), actual.Select(a => a.Column));
            foreach (var (column, value) in actual)
            {
                var text = this[column];
                switch (value)
                {
                    case Ratio ratio:
                        Assert.True(IsNear(text, ratio), $"{column}: {ratio} is not {text} in {string.Join(',', Cells.Select(c => c.Text))}");
                        break;
                    case Int128 micros:
                        Assert.Equal((column, text), (column, Cents(micros)));
                        break;
                    default:
                        Assert.Equal((column, text), (column, Convert.ToString(value, CultureInfo.InvariantCulture)));
                        break;
                }
            }
        }

        // Within 10^-9, or half of the last decimal where there are fewer.
        private static bool IsNear(string text, Ratio ratio)
        {
            if (text.Length == 0 || !ratio.IsDefined)
            {
                return text.Length == 0 && !ratio.IsDefined;
            }

            var expected = decimal.Parse(text, CultureInfo.InvariantCulture);
            var error = Math.Abs(expected - ((decimal)ratio.Numerator / (decimal)ratio.Denominator));
            return error <= (expected.Scale < 9 ? 0.5m / (decimal)Math.Pow(10, expected.Scale) : 1e-9m);
        }
    }
}
