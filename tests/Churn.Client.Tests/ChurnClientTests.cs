using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Grpc.Core;

namespace Churn.Client.Tests;

public sealed class ChurnClientTests : IAsyncLifetime
{
    private static readonly ChurnClientOptions Quick = new() { FirstBackoff = TimeSpan.FromMilliseconds(1) };
    private FakeServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await FakeServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:8080")]
    [InlineData("localhost")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("/tmp/churn.sock")]
    public void New_WhatIsNoAddress_IsRefused(string address)
    {
        var e = Assert.Throws<ArgumentException>(() => new ChurnClient(address));
        Assert.StartsWith($"'{address}' is not an address such as http://127.0.0.1:8080.", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    public void New_AttemptsOutOfRange_AreRefused(int attempts) =>
        Assert.Throws<ArgumentException>(() => new ChurnClient(_server.Address, new ChurnClientOptions { MostAttempts = attempts }));

    [Fact]
    public async Task Call_ServerAwayAtFirst_IsTriedAgain()
    {
        _server.Log.Unavailable = 4;
        using var client = new ChurnClient(_server.Address, Quick);
        var response = await client.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Facts.Started(1) } }, cancellationToken: Ct);
        Assert.Equal([Verdict.Recorded], response.Verdicts);
    }

    [Fact]
    public async Task Call_ServerAwayForLonger_FailsWithWhatItSays()
    {
        _server.Log.Unavailable = 3;
        using var client = new ChurnClient(_server.Address, Quick with { MostAttempts = 3 });
        var failure = await Assert.ThrowsAsync<RpcException>(async () => await client.Ingestion.ListFactsAsync(new ListFactsRequest(), cancellationToken: Ct));
        var error = ChurnError.Of(failure);
        Assert.Equal(StatusCode.Unavailable, error.Code);
        Assert.Equal("The server starts.", error.Message);
        Assert.Equal(TimeSpan.FromMilliseconds(250), error.RetryDelay);
    }

    [Fact]
    public async Task Call_OneAttempt_IsNotTriedAgain()
    {
        _server.Log.Unavailable = 1;
        using var client = new ChurnClient(_server.Address, Quick with { MostAttempts = 1 });
        await Assert.ThrowsAsync<RpcException>(async () => await client.Ingestion.ListFactsAsync(new ListFactsRequest(), cancellationToken: Ct));
        await client.Ingestion.ListFactsAsync(new ListFactsRequest(), cancellationToken: Ct);
    }

    [Fact]
    public async Task ChurnError_OfABadRequest_HasReasonAndFields()
    {
        using var client = new ChurnClient(_server.Address);
        var request = new RecordFactsRequest();
        request.Facts.AddRange(Enumerable.Range(0, 1_001).Select(Facts.Started));
        var error = ChurnError.Of(await Assert.ThrowsAsync<RpcException>(async () => await client.Ingestion.RecordFactsAsync(request, cancellationToken: Ct)));
        Assert.Equal((StatusCode.InvalidArgument, "BATCH_TOO_LARGE"), (error.Code, error.Reason));
        Assert.Equal("facts", Assert.Single(error.Violations).Field);
    }

    [Fact]
    public void ChurnError_WithoutDetailsOrWithDamagedOnes_HasTheMessage()
    {
        var plain = ChurnError.Of(new RpcException(new Status(StatusCode.NotFound, "gone")));
        Assert.Equal((StatusCode.NotFound, "gone", "", null), (plain.Code, plain.Message, plain.Reason, plain.RetryDelay));
        Assert.Empty(plain.Violations);
        var damaged = ChurnError.Of(new RpcException(new Status(StatusCode.NotFound, "gone"), new Metadata { { "grpc-status-details-bin", new byte[] { 0xFF } } }));
        Assert.Equal("gone", damaged.Message);
    }

    [Fact]
    public async Task Read_AfterWrites_BringsTheirToken()
    {
        using var client = new ChurnClient(_server.Address);
        await client.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest(), cancellationToken: Ct);
        await client.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Facts.Started(1), Facts.Started(2) } }, cancellationToken: Ct);
        var token = client.ConsistencyToken;
        Assert.Equal(_server.Log.Token, token);

        var request = new GetOverviewRequest { Read = new ReadOptions { Currency = "USD" } };
        await client.Metrics.GetOverviewAsync(request, cancellationToken: Ct);
        Assert.Equal("", request.Read.ConsistencyToken);
        await client.Metrics.ListMovementsAsync(new ListMovementsRequest(), cancellationToken: Ct);
        await client.Metrics.GetRatesAsync(new GetRatesRequest(), cancellationToken: Ct);
        await client.Metrics.GetRollingMetricsAsync(new GetRollingMetricsRequest(), cancellationToken: Ct);
        await client.Metrics.GetSeriesAsync(new GetSeriesRequest(), cancellationToken: Ct);
        await client.Metrics.GetCohortsAsync(new GetCohortsRequest(), cancellationToken: Ct);
        client.Metrics.ListSegments(new ListSegmentsRequest(), cancellationToken: Ct);
        using (var explained = client.Metrics.ExplainMetric(new ExplainMetricRequest(), cancellationToken: Ct))
        {
            Assert.True(await explained.ResponseStream.MoveNext(Ct));
        }

        using (var watched = client.Metrics.WatchMetrics(new WatchMetricsRequest(), cancellationToken: Ct))
        {
            Assert.True(await watched.ResponseStream.MoveNext(Ct));
        }

        await client.Metrics.GetRatesAsync(new GetRatesRequest { Read = new ReadOptions { ConsistencyToken = "mine" } }, cancellationToken: Ct);
        Assert.Equal(["", .. Enumerable.Repeat(token, 9), "mine"], _server.Reads.Tokens);
    }

    [Fact]
    public async Task Read_WithTheTokenOfAnotherClient_BringsIt()
    {
        using var writer = new ChurnClient(_server.Address);
        await writer.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Facts.Started(1) } }, cancellationToken: Ct);
        await writer.Ingestion.RetractFactAsync(new RetractFactRequest { Source = "test", EventId = "1" }, cancellationToken: Ct);
        using var reader = new ChurnClient(_server.Address);
        reader.Remember(writer.ConsistencyToken);
        reader.Remember("");
        await reader.Metrics.GetRatesAsync(new GetRatesRequest(), cancellationToken: Ct);
        Assert.Equal([_server.Log.Token], _server.Reads.Tokens);
    }

    [Fact]
    public async Task Read_OfAClientThatNeedNotSeeItsWrites_BringsNoToken()
    {
        using var client = new ChurnClient(_server.Address, new ChurnClientOptions { ReadsOwnWrites = false });
        await client.Ingestion.RecordFactsAsync(new RecordFactsRequest { Facts = { Facts.Started(1) } }, cancellationToken: Ct);
        await client.Metrics.GetRatesAsync(new GetRatesRequest(), cancellationToken: Ct);
        Assert.Equal([""], _server.Reads.Tokens);
    }

    [Fact]
    public async Task Call_WithoutADeadline_HasThatOfTheOptions()
    {
        using var client = new ChurnClient(_server.Address, new ChurnClientOptions { Timeout = TimeSpan.FromMinutes(5) });
        await client.Metrics.GetRatesAsync(new GetRatesRequest(), cancellationToken: Ct);
        await client.Metrics.GetRatesAsync(new GetRatesRequest(), deadline: (TimeProvider.System.GetUtcNow() + TimeSpan.FromMinutes(60)).UtcDateTime, cancellationToken: Ct);
        using var patient = new ChurnClient(_server.Address, new ChurnClientOptions { Timeout = Timeout.InfiniteTimeSpan });
        await patient.Metrics.GetRatesAsync(new GetRatesRequest(), cancellationToken: Ct);
        var left = _server.Reads.TimeLeft;
        Assert.InRange(left[0], TimeSpan.FromMinutes(4), TimeSpan.FromMinutes(5.1));
        Assert.InRange(left[1], TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(60.1));
        Assert.Equal(TimeSpan.MaxValue, left[2]);
    }

    [Fact]
    public async Task ListFactsAsync_ManyPages_GivesAllFacts()
    {
        using var client = new ChurnClient(_server.Address);
        for (var i = 0; i < 25; i++)
        {
            _server.Log.Record(Facts.Started(i));
        }

        var pages = new List<int>();
        var ids = new List<string>();
        await foreach (var page in client.ListFactsAsync(new ListFactsRequest { Source = "test", PageSize = 10 }, Ct))
        {
            pages.Add(page.Count);
            ids.AddRange(page.Select(f => f.EventId));
        }

        Assert.Equal([10, 10, 5], pages);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"{i}"), ids);
    }
}
