using System.Buffers.Text;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;

namespace Churn.Ingestion.Tests;

public sealed class ListFactsTests(ListedServer listed) : IClassFixture<ListedServer>
{
    private readonly IngestionServer _server = listed.It;

    [Theory]
    [InlineData(1_000)]
    [InlineData(7)]
    [InlineData(0)]
    public async Task ListFacts_PageByPage_GivesEachOnceInOrderOfTheLog(int pageSize)
    {
        var facts = await _server.ListAsync(new ListFactsRequest { PageSize = pageSize });
        Assert.Equal(ListedServer.Count, facts.Select(fact => (fact.Source, fact.EventId)).Distinct().Count());
        Assert.Equal(ListedServer.Count, facts.Count);
        var before = (Shard: 0, Time: DateTimeOffset.MinValue);
        foreach (var fact in facts)
        {
            var now = (Shard: Shards.Of(Tenants.Default, fact.CustomerId, Shards.Count), Time: fact.RecordTime.ToDateTimeOffset());
            Assert.True(now.CompareTo(before) >= 0, $"{now} after {before}");
            before = now;
        }
    }

    [Fact]
    public async Task ListFacts_PageSize_IsWhatIsAskedFor()
    {
        Assert.Equal(100, (await PageAsync(new ListFactsRequest())).Facts.Count);
        Assert.Equal(3, (await PageAsync(new ListFactsRequest { PageSize = 3 })).Facts.Count);
        Assert.Equal(ListedServer.Count, (await PageAsync(new ListFactsRequest { PageSize = int.MaxValue })).Facts.Count);
        Assert.Equal("", (await PageAsync(new ListFactsRequest { PageSize = ListedServer.Count })).NextPageToken);
        Assert.Equal(
            new Failure(StatusCode.InvalidArgument, "FIELD_INVALID", "page_size"),
            await Failure.OfAsync(() => PageAsync(new ListFactsRequest { PageSize = -1 })));
    }

    [Fact]
    public async Task ListFacts_OfACustomerOrSource_GivesThoseAlone()
    {
        var customer = await _server.ListAsync(new ListFactsRequest { CustomerId = "cus_3", PageSize = 2 });
        Assert.Equal(ListedServer.Count / 10 / 50 * 10, customer.Count);
        Assert.All(customer, fact => Assert.Equal("cus_3", fact.CustomerId));
        var source = await _server.ListAsync(new ListFactsRequest { Source = "csv", PageSize = 10 });
        Assert.Equal(ListedServer.Count / 2, source.Count);
        Assert.All(source, fact => Assert.Equal("csv", fact.Source));
        var both = await _server.ListAsync(new ListFactsRequest { Source = "csv", CustomerId = "cus_3" });
        Assert.Equal(customer.Count / 2, both.Count);
        Assert.Empty(await _server.ListAsync(new ListFactsRequest { CustomerId = "nobody" }));
        Assert.Empty(await _server.ListAsync(new ListFactsRequest { Source = "nothing" }));
    }

    [Fact]
    public async Task ListFacts_Token_StaysValidAndGivesWhatIsRecordedMeanwhile()
    {
        await using var server = await IngestionServer.StartAsync();
        await server.RecordAsync(Sample.Many(10, "first", customers: 1));
        var page = await server.Client.ListFactsAsync(new ListFactsRequest { PageSize = 9 });
        await server.RecordAsync(Sample.Many(10, "second", customers: 1));
        for (var i = 0; i < 2; i++)
        {
            var rest = await server.ListAsync(new ListFactsRequest { PageSize = 4, PageToken = page.NextPageToken });
            Assert.Equal(11, rest.Count);
            Assert.Equal(20, page.Facts.Concat(rest).Select(fact => fact.EventId).Distinct().Count());
        }
    }

    [Theory]
    [InlineData("x")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("!!!!!!!!!!!!!!!!!!!!!!!!")]
    [InlineData("\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9\u00E9")]
    public async Task ListFacts_TokenOfNoServer_IsRefused(string token) => Assert.Equal(
        new Failure(StatusCode.InvalidArgument, "PAGE_TOKEN_INVALID", "page_token"),
        await Failure.OfAsync(() => PageAsync(new ListFactsRequest { PageToken = token })));

    [Fact]
    public async Task ListFacts_TokenThatWasChanged_IsRefused()
    {
        var token = (await PageAsync(new ListFactsRequest { PageSize = 5 })).NextPageToken;
        var bytes = Base64Url.DecodeFromChars(token);
        for (var i = 0; i < bytes.Length; i++)
        {
            bytes[i] ^= 1;
            var changed = Base64Url.EncodeToString(bytes);
            bytes[i] ^= 1;
            await AssertRefusedAsync(new ListFactsRequest { PageToken = changed });
        }

        await AssertRefusedAsync(new ListFactsRequest { PageToken = token, CustomerId = "cus_1" });
        await AssertRefusedAsync(new ListFactsRequest { PageToken = token, Source = "csv" });
        await PageAsync(new ListFactsRequest { PageToken = token, PageSize = 500 });

        async Task AssertRefusedAsync(ListFactsRequest request) =>
            Assert.Equal("PAGE_TOKEN_INVALID", (await Failure.OfAsync(() => PageAsync(request))).Reason);
    }

    [Fact]
    public async Task ListFacts_LargeFacts_ComeInPagesThatFitAMessage()
    {
        await using var server = await IngestionServer.StartAsync();
        for (var i = 0; i < 12; i++)
        {
            await server.RecordAsync(Enumerable.Range(0, 200).Select(j =>
            {
                var fact = Sample.Of("customer_profile", $"large_{i}_{j}", $"cus_{j}");
                for (var at = 0; at < 60; at++)
                {
                    fact.CustomerProfile.Attributes[$"a{at}"] = new string('x', 200);
                }

                return fact;
            }));
        }

        var request = new ListFactsRequest { PageSize = 10_000 };
        var (count, pages, empty) = (0, 0, 0);
        do
        {
            var page = await server.Client.ListFactsAsync(request);
            Assert.InRange(page.CalculateSize(), 0, 3 << 20);
            request.PageToken = page.NextPageToken;
            count += page.Facts.Count;
            pages++;
        }
        while (request.PageToken.Length > 0);
        Assert.Equal(2_400, count);
        Assert.InRange(pages, 8, 40);

        // What is looked at for a page is bounded: a page may be empty and lead on.
        request = new ListFactsRequest { Source = "none" };
        do
        {
            var page = await server.Client.ListFactsAsync(request);
            Assert.Empty(page.Facts);
            request.PageToken = page.NextPageToken;
            empty++;
        }
        while (request.PageToken.Length > 0);
        Assert.InRange(empty, 2, 10);
    }

    private async Task<ListFactsResponse> PageAsync(ListFactsRequest request) =>
        await _server.Client.ListFactsAsync(request, cancellationToken: TestContext.Current.CancellationToken);
}

/// <summary>A server with facts of fifty customers and two sources, recorded in ten calls.</summary>
public sealed class ListedServer : IAsyncLifetime
{
    public const int Count = 1_000;

    public IngestionServer It { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        It = await IngestionServer.StartAsync();
        for (var i = 0; i < 10; i++)
        {
            var facts = Sample.Many(Count / 10, $"list{i}");
            foreach (var fact in facts.Where((_, at) => (at / 50) % 2 == 1))
            {
                fact.Source = "csv";
            }

            await It.RecordAsync(facts);
            It.Clock.Advance(TimeSpan.FromSeconds(1));
        }
    }

    public ValueTask DisposeAsync() => It.DisposeAsync();
}
