using System.Globalization;
using System.Text;
using System.Text.Json;
using Churn.Cli.Generate;

namespace Churn.Cli.Tests.Generate;

/// <summary>One row of the intervals, as a reader of the file sees it.</summary>
internal sealed record Row(
    string SubscriptionId,
    string CustomerId,
    string Plan,
    string BillingPeriod,
    long AmountCents,
    long MrrCents,
    string Currency,
    DateTime Start,
    DateTime? End,
    DateTime Recorded,
    string Country,
    string Industry,
    string Channel,
    string Size,
    string Offer);

/// <summary>Reads what the generator writes, without the generator's own types.</summary>
internal static class Generated
{
    public static readonly DateTime Start = new(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    public static string Facts(int customers, int months = 36, long seed = 1, DateTime? start = null)
    {
        using var stream = new MemoryStream();
        new SyntheticBusiness(seed, start ?? Start, months).WriteFacts(stream, customers);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static string Intervals(int customers, int months = 36, long seed = 1, DateTime? start = null, long rows = long.MaxValue)
    {
        using var stream = new MemoryStream();
        new SyntheticBusiness(seed, start ?? Start, months).WriteIntervals(stream, customers, rows);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    public static string[] Lines(string text) => text.Split('\n')[..^1];

    public static List<Row> Rows(string csv) => Lines(csv)[1..].Select(line => Row(line.Split(','))).ToList();

    public static DateTime Instant(string text) => DateTime.ParseExact(
        text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <summary>A fact's kind and the object under it.</summary>
    public static (string Kind, JsonElement Body) Kind(JsonElement fact)
    {
        var kind = fact.EnumerateObject().Single(p => p.Value.ValueKind == JsonValueKind.Object);
        return (kind.Name, kind.Value);
    }

    public static IEnumerable<JsonElement> Parse(string facts) => Lines(facts).Select(line => JsonElement.Parse(line));

    /// <summary>The intervals that the facts tell of: a subscription's terms hold until the next fact that says otherwise.</summary>
    public static List<Row> Fold(string facts)
    {
        var rows = new List<Row>();
        var running = new Dictionary<string, int>();
        var profile = default(JsonElement);
        var rowsOfCustomer = 0;
        foreach (var fact in Parse(facts))
        {
            var customer = Text(fact, "customerId");
            var time = Instant(Text(fact, "occurTime"));
            var (kind, body) = Kind(fact);
            if (kind == "customerProfile")
            {
                profile = body;
                rowsOfCustomer = 0;
                continue;
            }

            if (kind is "subscriptionChanged" or "subscriptionPaused" or "subscriptionEnded"
                && running.Remove(Text(body, "subscriptionId"), out var open))
            {
                rows[open] = rows[open] with { End = time };
            }

            if (kind is "subscriptionStarted" or "subscriptionChanged" or "subscriptionResumed")
            {
                running.Add(Text(body, "subscriptionId"), rows.Count);
                rowsOfCustomer++;
                var price = body.GetProperty("price");
                var period = price.GetProperty("period");
                var cents = Int64(period, "amountMicros") * Int64(period, "quantity") / 10_000;
                var unit = Text(period, "unit")["BILLING_UNIT_".Length..].ToLowerInvariant();
                var months = unit == "year" ? 12 : 1;
                rows.Add(new Row(
                    $"sub_{customer["cus_".Length..]}-{rowsOfCustomer}",
                    customer,
                    Text(body, "plan"),
                    unit,
                    cents,
                    (long)Math.Round((decimal)cents / months, MidpointRounding.ToEven),
                    Text(price, "currency"),
                    time,
                    null,
                    time,
                    Text(profile, "country"),
                    Text(profile, "industry"),
                    Text(profile, "channel"),
                    Text(profile, "size"),
                    Text(profile, "entryOffer")));
            }
        }

        return rows;
    }

    public static string Text(JsonElement body, string name) => body.GetProperty(name).GetString()!;

    public static long Int64(JsonElement body, string name) => long.Parse(Text(body, name), NumberStyles.None, CultureInfo.InvariantCulture);

    private static Row Row(string[] cells)
    {
        Assert.Equal(15, cells.Length);
        return new Row(
            cells[0],
            cells[1],
            cells[2],
            cells[3],
            long.Parse(cells[4], NumberStyles.None, CultureInfo.InvariantCulture),
            long.Parse(cells[5], NumberStyles.None, CultureInfo.InvariantCulture),
            cells[6],
            Instant(cells[7]),
            cells[8].Length == 0 ? null : Instant(cells[8]),
            Instant(cells[9]),
            cells[10],
            cells[11],
            cells[12],
            cells[13],
            cells[14]);
    }
}
