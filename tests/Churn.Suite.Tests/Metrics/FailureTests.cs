using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Suite.Tests.Metrics;

public class FailureTests
{
    [Theory]
    [InlineData("overview --from 2024-13", "--from takes a month such as 2024-12, not '2024-13'.")]
    [InlineData("overview --at yesterday", "--at takes a day such as 2024-12-31 or an instant such as 2024-12-31T18:00:00Z, not 'yesterday'.")]
    [InlineData("overview --format xml", "--format takes table, csv or json, not 'xml'.")]
    [InlineData("overview --address ftp://x", "--address takes the address of a server such as http://127.0.0.1:8080, not 'ftp://x'.")]
    [InlineData("overview --address http://x/path", "--address takes the address of a server such as http://127.0.0.1:8080, not 'http://x/path'.")]
    [InlineData("movements --kind gone", "--kind takes new, expansion, reactivation, contraction, churn, paused, resumed, completed, transfer-in or transfer-out, not 'gone'.")]
    [InlineData("movements --limit 0", "--limit takes a whole number from 1 on, not '0'.")]
    [InlineData("rates --segment country", "--segment takes ATTRIBUTE=VALUE, for example country=DE, not 'country'.")]
    [InlineData("rates --grain year", "--grain takes month, day or instant, not 'year'.")]
    [InlineData("series --by plan", "Required argument missing for command: 'series'.")]
    [InlineData("series profit", "METRIC is one of mrr, customers, arpa, logo-churn, gross-churn, net-churn, nrr, grr, quick-ratio, new, expansion, reactivation, contraction, churn, not 'profit'.")]
    [InlineData("series mrr --grain instant", "--grain takes month or day, not 'instant'.")]
    [InlineData("rolling --window week", "--window takes 7d, 30d, 90d, 365d, mtd, qtd, ytd or last-month, not 'week'.")]
    [InlineData("explain --month 2024-11 --window 30d", "--month and --window are two periods: give one of them.")]
    [InlineData("watch --at 2024-01-01", "Unrecognized command or argument '--at'.")]
    [InlineData("watch --changes -1", "--changes takes a whole number from 1 on, not '-1'.")]
    public async Task Run_BadOption_SaysWhatIsTaken(string command, string message)
    {
        var outcome = await MetricsServer.RunAsync(command.Split(' '));
        Assert.Equal(1, outcome.Status);
        Assert.Equal(message, outcome.Error.Split('\n')[0]);
    }

    [Theory]
    [InlineData("overview")]
    [InlineData("watch")]
    [InlineData("explain")]
    public async Task Ask_NobodyListens_SaysSoAndWhatToDo(string command)
    {
        string address;
        await using (var server = await MetricsServer.StartAsync())
        {
            address = server.Address;
        }

        var outcome = await MetricsServer.RunAsync([command, "--address", address]);
        Assert.Equal(1, outcome.Status);
        Assert.Equal($"churn metrics: no server answers at {address} (Connection refused); churn serve starts one, --address names another\n", outcome.Error);
        Assert.Equal("", outcome.Output);
    }

    [Fact]
    public async Task Ask_ServerRefusesAField_NamesTheOptionAndTheReason()
    {
        await using var server = await MetricsServer.StartAsync();
        server.Fake.Failures.Enqueue(Failure(
            StatusCode.InvalidArgument, "The first month is after the last.",
            new Google.Rpc.BadRequest { FieldViolations = { new Google.Rpc.BadRequest.Types.FieldViolation { Field = "from_month", Description = "is after to_month 2024-01" } } },
            new Google.Rpc.ErrorInfo { Domain = "churn", Reason = "FIELD_INVALID" }));
        var outcome = await server.AskAsync("overview", "--from", "2024-12", "--to", "2024-01");
        Assert.Equal(
            (1, "churn metrics: The first month is after the last (--from: is after to_month 2024-01; FIELD_INVALID)\n"), (outcome.Status, outcome.Error));
    }

    [Fact]
    public async Task Ask_MessageSaysIt_IsNotSaidTwice()
    {
        await using var server = await MetricsServer.StartAsync();
        server.Fake.Failures.Enqueue(Failure(
            StatusCode.FailedPrecondition, "Customers pay in EUR and USD: name one.",
            new Google.Rpc.BadRequest
            {
                FieldViolations = { new Google.Rpc.BadRequest.Types.FieldViolation { Field = "read.currency", Description = "Customers pay in EUR and USD: name one." } },
            },
            new Google.Rpc.ErrorInfo { Domain = "churn", Reason = "CURRENCY_NEEDED" }));
        var outcome = await server.AskAsync("rolling");
        Assert.Equal("churn metrics: Customers pay in EUR and USD: name one (--currency; CURRENCY_NEEDED)\n", outcome.Error);
    }

    [Fact]
    public async Task Ask_HostileMessage_DoesNothingToTheTerminal()
    {
        await using var server = await MetricsServer.StartAsync();
        server.Fake.Failures.Enqueue(new RpcException(new Status(StatusCode.Internal, "\u001b[31mred\nsecond line")));
        var outcome = await server.AskAsync("rates");
        Assert.Equal(1, outcome.Status);
        Assert.DoesNotContain('\u001b', outcome.Error);
        Assert.Single(outcome.Error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Ask_LedgerIsLoading_WaitsAndSaysSoOnce()
    {
        await using var server = await MetricsServer.StartAsync();
        for (var i = 0; i < 3; i++)
        {
            server.Fake.Failures.Enqueue(Failure(
                StatusCode.Unavailable, "The ledger is being read from disk.",
                new Google.Rpc.ErrorInfo { Domain = "churn", Reason = "LEDGER_LOADING" },
                new Google.Rpc.RetryInfo { RetryDelay = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(1)) }));
        }

        var outcome = await server.AskAsync("segments", "--format", "csv");
        Assert.Equal((0, "churn metrics: The ledger is being read from disk; waiting ...\n"), (outcome.Status, outcome.Error));
    }

    [Fact]
    public async Task Ask_OtherService_SaysThatItIsTheWrongOne()
    {
        await using var server = await MetricsServer.StartAsync();
        server.Fake.Failures.Enqueue(Faults.Of(StatusCode.Unimplemented, Faults.MethodUnknown, "There is no such method here.").ToRpcException());
        var outcome = await server.AskAsync("rates");
        Assert.Equal("churn metrics: There is no such method here (METHOD_UNKNOWN)\n", outcome.Error);
    }

    [Fact]
    public async Task Overview_NothingRecorded_SaysHowToBegin()
    {
        await using var server = await MetricsServer.StartAsync();
        server.Fake.Business = null;
        var outcome = await server.AskAsync("overview");
        Assert.Equal((0, ""), (outcome.Status, outcome.Output));
        Assert.Equal("churn metrics: there are no figures yet: nothing was recorded; churn import FILE records what a file says\n", outcome.Error);
    }

    [Theory]
    [InlineData("overview")]
    [InlineData("rates")]
    [InlineData("rolling")]
    [InlineData("movements")]
    [InlineData("explain")]
    public async Task Ask_FactsAreMissing_IsSaidAndHasAStatus(string command)
    {
        await using var server = await MetricsServer.StartAsync();
        (server.Fake.Quarantined, server.Fake.Lag) = (2, 1);
        var outcome = await server.AskAsync(command);
        Assert.Equal(2, outcome.Status);
        Assert.Contains("2 facts could not be applied and are in no figure.", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("1 fact is recorded and not yet in these figures.", outcome.Output, StringComparison.Ordinal);
        var json = await server.AskAsync(command, "--format", "json");
        Assert.Equal(2, json.Status);
        Assert.Contains("\"lag_facts\":1,\"quarantined_facts\":2", json.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("overview")]
    [InlineData("rates")]
    [InlineData("rolling")]
    public async Task Ask_FiguresDoNotAddUp_IsSaidAndHasAStatus(string command)
    {
        await using var server = await MetricsServer.StartAsync();
        server.Fake.IsBalanced = false;
        var outcome = await server.AskAsync(command);
        Assert.Equal(2, outcome.Status);
        Assert.Contains("CHECK FAILED", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("\"ok\":false", (await server.AskAsync(command, "--format", "json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ask_Options_ReachTheServer()
    {
        await using var server = await MetricsServer.StartAsync();
        await server.AskAsync("movements", "--at", "2024-06-30", "--token", "abc", "--currency", "EUR", "--segment", "country=", "--kind", "churn", "--grain", "day", "--format", "csv");
        var request = Assert.IsType<Churn.Metrics.V1.ListMovementsRequest>(server.Fake.Requests[0]);
        Assert.Equal(
            """{ "read": { "at": "2024-06-30T00:00:00Z", "consistencyToken": "abc", "currency": "EUR" }, "grain": "GRAIN_DAY", "kinds": [ "MOVEMENT_KIND_CHURN" ], "segment": { "attribute": "country" }, "pageSize": 10000 }""",
            JsonFormatter.Default.Format(request));
    }

    private static RpcException Failure(StatusCode code, string message, params IMessage[] details)
    {
        var status = new Google.Rpc.Status { Code = (int)code, Message = message };
        status.Details.AddRange(details.Select(Any.Pack));
        return status.ToRpcException();
    }
}
