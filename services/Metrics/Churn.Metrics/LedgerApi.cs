using Churn.Metrics.Books;
using Churn.Metrics.Owners;
using Churn.Metrics.Reads;
using Churn.Metrics.Sums;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Streams;
using Grpc.Core;
using Microsoft.Extensions.Hosting;
using Question = Churn.Metrics.V1.AskRequest.QuestionOneofCase;

namespace Churn.Metrics;

/// <summary>Answers the other replicas for the shards that this process owns, and tells them when something changes.</summary>
internal sealed class LedgerApi(OwnLedger own, Shelf shelf, OwnerNews news, HotFields fields, TimeProvider clock, IHostApplicationLifetime stopping)
    : V1.LedgerService.LedgerServiceBase
{
    public override async Task<V1.AskResponse> Ask(V1.AskRequest request, ServerCallContext context)
    {
        var token = Reader.TokenOf(request.ConsistencyToken);
        var caller = context.Caller();
        var read = new Read(caller.Tenant, caller.Spread, request.Currency, request.Day, request.Day == Reader.TodayOf(clock), token, null, context.Deadline, context.CancellationToken);
        var terms = new long[Shards.Count];
        var shards = default(ShardSet);
        foreach (var shard in request.Shards)
        {
            if (shard.Shard is < 0 or >= Shards.Count)
            {
                throw ReadFaults.FieldInvalid("shards", $"There is no shard {shard.Shard}.");
            }

            terms[shard.Shard] = shard.Term;
            shards = shards.With(shard.Shard);
        }

        if (!await WaitAsync(token, shards, context.CancellationToken))
        {
            throw ReadFaults.NotOwner();
        }

        // Who finds them in Redis does not ask.
        if (request.QuestionCase == Question.Windows && read.IsToday)
        {
            fields.Missed(read.Tenant, shards);
        }

        var (vocabulary, currency) = (shelf.Vocabulary, request.Currency);
        return request.QuestionCase switch
        {
            Question.State => Answer(StateQuestion.Instance, read, shards, terms),
            Question.Extent => Answer(ExtentQuestion.Instance, read, shards, terms),
            Question.Ledgers => Answer(LedgersQuestion.Of(request.Ledgers, vocabulary, currency), read, shards, terms),
            Question.Movements => Answer(MovementsQuestion.Of(request.Movements, vocabulary, currency), read, shards, terms),
            Question.Segments => Answer(new SegmentsQuestion(request.Segments.Attributes), read, shards, terms),
            Question.Windows => Answer(WindowsQuestion.Of(request.Windows, vocabulary, currency), read, shards, terms),
            _ => throw ReadFaults.FieldInvalid("question", "This version does not know the question."),
        };
    }

    public override async Task Follow(V1.FollowRequest request, IServerStreamWriter<V1.FollowResponse> responseStream, ServerCallContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping.ApplicationStopping);
        try
        {
            for (var place = OwnerNews.Start; ;)
            {
                // Taken before the look, so that a change in between is told at the next turn.
                var changed = news.NextChange;
                (var response, place) = news.Since(place);
                await responseStream.WriteAsync(response, either.Token);
                await Task.WhenAny(changed, Task.Delay(OwnerNews.Heartbeat, clock, either.Token));
                await Task.Delay(OwnerNews.Together, clock, either.Token);
            }
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw ReadFaults.Stopping();
        }
    }

    private V1.AskResponse Answer<T>(Question<T> question, Read read, ShardSet shards, long[] terms)
    {
        var answer = own.Answer(question, read, shards, terms) ?? throw ReadFaults.NotOwner();
        var response = new V1.AskResponse { State = answer.State.ToWire() };
        question.ToWire(answer.Part, response, shelf.Vocabulary);
        return response;
    }

    private async Task<bool> WaitAsync(ConsistencyToken token, ShardSet shards, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Reader.LongestWait, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await own.WaitAsync(token, shards, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ReadFaults.NotApplied();
        }
    }
}
