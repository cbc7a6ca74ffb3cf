using Churn.ServiceDefaults.Grpc;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Churn.Metrics.Tests.Owners;

/// <summary>Asks everything there is to ask, and gives the answers as bytes that can be compared.</summary>
internal static class Answers
{
    /// <summary>Gives all answers, but for what says where they came from.</summary>
    public static async Task<List<(string Call, string Answer)>> OfAsync(V1.MetricsService.MetricsServiceClient client, V1.SignalService.SignalServiceClient signals, CancellationToken cancellationToken)
    {
        var answers = new List<(string, string)>();
        foreach (var currency in (string[])["USD", "EUR", "", "CHF"])
        {
            V1.ReadOptions Read(int? day = null) => new() { Currency = currency, At = day is null ? null : Timestamp.FromDateTime(new DateTime(2024, 1, 1, 5, 0, 0, DateTimeKind.Utc).AddDays(day.Value)) };
            foreach (var by in (string[])["", "plan", "country", "color", "size", "shoe"])
            {
                await AddAsync($"overview {currency} {by}", client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Read(), By = by, PageSize = 2 }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"overview past {currency} {by}", client.GetOverviewAsync(new V1.GetOverviewRequest { Read = Read(70), By = by, FromMonth = "2024-02" }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"rolling {currency} {by}", client.GetRollingMetricsAsync(new V1.GetRollingMetricsRequest { Read = Read(), By = by }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"rolling past {currency} {by}", client.GetRollingMetricsAsync(new V1.GetRollingMetricsRequest { Read = Read(100), By = by }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"series {currency} {by}", client.GetSeriesAsync(new V1.GetSeriesRequest { Read = Read(), By = by, Metric = V1.Metric.Nrr }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"days {currency} {by}", client.GetSeriesAsync(new V1.GetSeriesRequest { Read = Read(), By = by, Metric = V1.Metric.Mrr, Grain = V1.Grain.Day }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"cohorts {currency} {by}", client.GetCohortsAsync(new V1.GetCohortsRequest { Read = Read(), By = by, Basis = V1.CohortBasis.FirstPaidInstant }, cancellationToken: cancellationToken).ResponseAsync);
                await AddAsync($"segments {currency} {by}", client.ListSegmentsAsync(new V1.ListSegmentsRequest { Read = Read(), Attribute = by, PageSize = 3 }, cancellationToken: cancellationToken).ResponseAsync);
            }

            foreach (var segment in (V1.Segment?[])[null, new V1.Segment { Attribute = "plan", Value = "pro" }, new V1.Segment { Attribute = "country", Value = "DE" }, new V1.Segment { Attribute = "color", Value = "mauve" }])
            {
                await AddAsync($"rates {currency} {segment}", client.GetRatesAsync(new V1.GetRatesRequest { Read = Read(), Segment = segment, Grain = V1.Grain.Day }, cancellationToken: cancellationToken).ResponseAsync);
                foreach (var grain in (V1.Grain[])[V1.Grain.Month, V1.Grain.Day, V1.Grain.Instant])
                {
                    var token = "";
                    for (var page = 0; page < 3; page++)
                    {
                        var request = new V1.ListMovementsRequest { Read = Read(), Segment = segment, Grain = grain, PageSize = 7, PageToken = token };
                        var answer = await AddAsync($"movements {currency} {segment} {grain} {page}", client.ListMovementsAsync(request, cancellationToken: cancellationToken).ResponseAsync);
                        token = answer?.NextPageToken ?? "";
                        if (token.Length == 0)
                        {
                            break;
                        }
                    }
                }

                await AddStreamAsync($"explain {currency} {segment}", client.ExplainMetric(new V1.ExplainMetricRequest { Read = Read(), Segment = segment, Month = "2024-03" }, cancellationToken: cancellationToken));
                await AddStreamAsync($"explain window {currency} {segment}", client.ExplainMetric(
                    new V1.ExplainMetricRequest { Read = Read(), Segment = segment, Window = V1.Window._90Days, Kinds = { V1.MovementKind.Churn, V1.MovementKind.New } }, cancellationToken: cancellationToken));
            }
        }

        var to = Timestamp.FromDateTime(new DateTime(2024, 6, 1, 0, 0, 0, DateTimeKind.Utc));
        await AddStreamAsync("signals", signals.ReplaySignals(new V1.ReplaySignalsRequest { FromTime = Timestamp.FromDateTime(new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc)), ToTime = to }, cancellationToken: cancellationToken));
        await AddAsync("standings", signals.GetStandingsAsync(new V1.GetStandingsRequest { Points = { new V1.StandingPoint { CustomerId = "c1", Time = to } } }, cancellationToken: cancellationToken).ResponseAsync);
        return answers;

        async Task<T?> AddAsync<T>(string call, Task<T> answering)
            where T : class, IMessage
        {
            try
            {
                var answer = await answering;
                answers.Add((call, Text(answer)));
                return answer;
            }
            catch (RpcException exception)
            {
                answers.Add((call, exception.ToRichStatus()?.ToString() ?? exception.ToString()));
                return null;
            }
        }

        async Task AddStreamAsync<T>(string call, AsyncServerStreamingCall<T> answering)
            where T : class, IMessage
        {
            using (answering)
            {
                try
                {
                    await foreach (var answer in answering.ResponseStream.ReadAllAsync(cancellationToken))
                    {
                        answers.Add((call, Text(answer)));
                    }
                }
                catch (RpcException exception)
                {
                    answers.Add((call, exception.ToRichStatus()?.ToString() ?? exception.ToString()));
                }
            }
        }
    }

    private static string Text(IMessage answer)
    {
        if (answer.Descriptor.FindFieldByName("info")?.Accessor.GetValue(answer) is V1.AnswerInfo info)
        {
            info.Source = V1.FiguresSource.Unspecified;
        }

        return Convert.ToBase64String(answer.ToByteArray());
    }
}
