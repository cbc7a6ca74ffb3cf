using System.Globalization;
using Churn.Client;
using Churn.Client.Facts;
using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Google.Protobuf.WellKnownTypes;

// One client serves a whole process: it holds the connection, retries while the server is away, and knows what it wrote.
using var churn = new ChurnClient(args.Length > 0 ? args[0] : "http://127.0.0.1:8080");
var began = Timestamp.FromDateTime(new DateTime(2024, 1, 15, 9, 0, 0, DateTimeKind.Utc));

// A few facts at once, and a verdict for each. An id of the source's own makes it safe to send them again.
var answer = await churn.Ingestion.RecordFactsAsync(new RecordFactsRequest
{
    Facts =
    {
        Started("evt-1", "acme", seats: 12),
        new Fact { Source = "example", EventId = "evt-2", CustomerId = "acme", OccurTime = began, CustomerProfile = new CustomerProfile { Country = "DE" } },
        Started("evt-3", customer: "", seats: 1),
    },
});
Console.WriteLine($"verdicts: {string.Join(", ", answer.Verdicts)}");
foreach (var reject in answer.Rejects)
{
    Console.WriteLine($"fact {reject.Index}: {reject.Reason}: {reject.Message}");
}

// Many facts: batched, with back-pressure, and sent again from where the server is after a break.
await using var writer = churn.StreamFacts(new FactWriterOptions { Rejected = reject => Console.WriteLine($"fact {reject.Tag}: {reject.Message}") });
for (var i = 0; i < 5_000; i++)
{
    await writer.WriteAsync(Started($"bulk-{i}", $"customer-{i}", seats: 1 + (i % 10)), tag: i);
}

var end = await writer.CompleteAsync();
Console.WriteLine($"streamed: {end.Written}, rejected: {end.Rejected}");

// The client gives its consistency token to reads: the figures hold everything above.
var rolling = await churn.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest { Read = new ReadOptions { Currency = "USD" }, Windows = { Window.YearToDate } });
foreach (var figures in rolling.Figures)
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"MRR: {figures.Bridge.ClosingMrrMicros / 1e6:0.00} USD of {figures.Bridge.ClosingCustomers} customers"));
}

Fact Started(string id, string customer, long seats) => new()
{
    Source = "example",
    EventId = id,
    CustomerId = customer,
    OccurTime = began,
    SubscriptionStarted = new SubscriptionStarted
    {
        SubscriptionId = $"sub-{id}",
        Plan = "Team",
        Price = new Price { Currency = "USD", Period = new PeriodPrice { AmountMicros = 290_000_000, Unit = BillingUnit.Year, Quantity = seats } },
    },
};
