using System.Collections.Concurrent;
using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.Metrics.Sums;
using Google.Protobuf.Collections;
using Grpc.Core;

namespace Churn.Metrics;

/// <summary>Rolling windows, asked for once or watched.</summary>
internal sealed partial class MetricsApi
{
    // Calls that come together share one look, as long as nothing changes.
    private static readonly TimeSpan OneLook = TimeSpan.FromMilliseconds(25);

    private readonly ConcurrentDictionary<(string Tenant, string By, string Currency), RollingLook> _looks = new();

    // Facts that arrive in a burst are one message, not a hundred.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(20);

    public override async Task<V1.GetRollingMetricsResponse> GetRollingMetrics(V1.GetRollingMetricsRequest request, ServerCallContext context)
    {
        var windows = WindowsOf(request.Windows);
        var (read, figures, imbalance) = await RollingAsync(request.Read, request.By, windows, context);
        var response = new V1.GetRollingMetricsResponse { Info = Reader.InfoOf(read, imbalance) };
        response.Figures.AddRange(figures);
        return response;
    }

    public override async Task WatchMetrics(
        V1.WatchMetricsRequest request, IServerStreamWriter<V1.WatchMetricsResponse> responseStream, ServerCallContext context)
    {
        if (request.Read?.At is not null)
        {
            throw ReadFaults.FieldInvalid("read.at", "What is watched is the present; leave it out.");
        }

        var windows = WindowsOf(request.Windows);
        var sent = new Dictionary<(V1.Window, string), V1.RollingFigures>();
        while (true)
        {
            // Taken before the look, so that a change in between is seen at the next turn.
            var changed = Task.WhenAny(progress.NextChange, follower.NextChange);
            var (read, figures, imbalance) = await RollingAsync(request.Read, request.By, windows, context);
            var response = new V1.WatchMetricsResponse();
            foreach (var now in figures)
            {
                var key = (now.Window, now.Segment?.Value ?? "");
                if (!sent.TryGetValue(key, out var before) || !before.Equals(now))
                {
                    sent[key] = now;
                    response.Figures.Add(now);
                }
            }

            if (response.Figures.Count > 0)
            {
                response.Info = Reader.InfoOf(read, imbalance);
                await responseStream.WriteAsync(response, context.CancellationToken);
            }

            await WaitForChangeAsync(changed, context.CancellationToken);
        }
    }

    // Midnight moves the windows also when nothing happens.
    private async Task WaitForChangeAsync(Task changed, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping.ApplicationStopping);
        var midnight = reader.UntilMidnight;
        try
        {
            await Task.WhenAny(changed, Task.Delay(midnight > TimeSpan.Zero ? midnight : Together, clock, either.Token));
            await Task.Delay(Together, clock, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ReadFaults.Stopping();
        }
    }

    private async ValueTask<(Read Read, List<V1.RollingFigures> Figures, Int128 Imbalance)> RollingAsync(
        V1.ReadOptions? options, string by, WindowKind[] windows, ServerCallContext context)
    {
        var read = reader.Check(options, context);
        var (mine, others) = (progress.NextChange, follower.NextChange);
        var key = (read.Tenant, By: by, read.CurrencyCode);
        if (read is { IsToday: true, Token.IsEmpty: true } && _looks.TryGetValue(key, out var known)
            && known.Mine == mine && known.Others == others && known.Read.Day == read.Day && clock.GetElapsedTime(known.At) < OneLook)
        {
            // Nothing has changed since, here or elsewhere.
            var (same, off) = FiguresOf(known.Read, known.Split, known.Sums, windows);
            return (known.Read, same, off);
        }

        var asked = read.Shards.Except(own.Held);
        var kept = read.IsToday && by != Split.Plan && (by.Length == 0 || shelf.Kept.Any(attribute => vocabulary.Attributes[attribute] == by));
        var found = kept ? await hot.ReadAsync(read, by, asked) : HotAnswer.None;

        // What Redis does not have for sure its owners say, and what is held here is looked at here.
        var rest = read.Shards.Except(found.Shards);
        if (rest.IsEmpty)
        {
            read = Reader.Resolve(read, read.CurrencyCode, found.State!);
        }
        else
        {
            var state = await reader.StateAsync(read, rest);
            read = Reader.Resolve(read, read.CurrencyCode, found.State is null ? state.State : LedgerState.Merge([found.State, state.State]));
            read.Take(state);
        }

        var split = SplitBy(read, by, "by");
        var sums = found.SumsOf(read.CurrencyCode);
        if (!found.Shards.IsEmpty)
        {
            read.Take(new LedgerAnswer<bool>(found.State!, true, V1.FiguresSource.HotSums));
        }

        if (!rest.IsEmpty)
        {
            sums = new WindowsQuestion(split).Merge([read.Take(await owners.AskAsync(new WindowsQuestion(split), read, rest)), sums]);
        }

        if (kept && read.Token.IsEmpty)
        {
            _looks[key] = new RollingLook(read, split, sums, mine, others, clock.GetTimestamp());
        }

        var (figures, imbalance) = FiguresOf(read, split, sums, windows);
        return (read, figures, imbalance);
    }

    private (List<V1.RollingFigures> Figures, Int128 Imbalance) FiguresOf(Read read, Split split, Dictionary<int, WindowSums[]> sums, WindowKind[] windows)
    {
        if (!split.IsSplit && sums.Count == 0)
        {
            sums = new() { [0] = HotSums.NewSums() };
        }

        Int128 imbalance = 0;
        var figures = new List<V1.RollingFigures>(sums.Count * windows.Length);
        foreach (var (number, name) in sums.Keys.Where(k => !split.IsSplit || !Array.TrueForAll(sums[k], s => s.IsZero)).Select(k => (k, PartName(split.IsByPlan ? SegmentVisitor.Plan : split.Attribute, k))).OrderBy(p => p.Item2, Utf8Order.Comparer))
        {
            foreach (var kind in windows)
            {
                var segment = split.IsSplit ? new V1.Segment { Attribute = split.Name, Value = name } : null;
                figures.Add(sums[number][(int)kind].ToWire(Window.At(kind, read.Day), segment));
                imbalance += Int128.Abs(sums[number][(int)kind].Imbalance);
            }
        }

        return (figures, imbalance);
    }

    private static WindowKind[] WindowsOf(RepeatedField<V1.Window> windows) =>
        windows.Count == 0 ? Enum.GetValues<WindowKind>() : [.. windows.Select(w => KindOf(w, "windows")).Distinct()];

    private static WindowKind KindOf(V1.Window window, string field) => window != V1.Window.Unspecified && Enum.IsDefined(window)
        ? (WindowKind)((int)window - 1)
        : throw ReadFaults.FieldInvalid(field, "There is no such window; name one such as WINDOW_30_DAYS.");

    /// <summary>Holds what one look at the kept sums gave; nobody changes it.</summary>
    private sealed record RollingLook(Read Read, Split Split, Dictionary<int, WindowSums[]> Sums, Task Mine, Task Others, long At);
}
