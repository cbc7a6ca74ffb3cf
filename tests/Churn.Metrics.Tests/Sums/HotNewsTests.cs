using Churn.Metrics.Owners;
using Churn.Metrics.Sums;
using Churn.Metrics.V1;
using Churn.ServiceDefaults.Leases;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Time.Testing;

namespace Churn.Metrics.Tests.Sums;

/// <summary>What an owner tells of the sums in Redis, and what one who follows it makes of that.</summary>
public sealed class HotNewsTests
{
    private const string Tenant = "default";
    private const int Shards = 3;

    /// <summary>Names what may happen to one shard of an owner between two messages.</summary>
    private enum Step
    {
        Taken,
        FirstCustomer,
        Changed,
        Flushed,
        Shown,
        Hidden,
        GivenUp,
        Told,
    }

    [Fact]
    public void Law_WhateverHappensBetweenMessages_NoFollowerTakesAShardWithCustomersForOneWithout()
    {
        var step = from what in Gen.Elements(Enum.GetValues<Step>()) from shard in Gen.Choose(0, Shards - 1) select (what, shard);
        Prop.ForAll(Arb.From(step.ListOf()), steps => Follow([.. steps])).Check(Config.QuickThrowOnFailure.WithMaxTest(3_000));
    }

    [Fact]
    public void Regression_AShardThatIsFlushedBeforeItIsShown_IsToldWithItsTenants() =>
        Follow([(Step.Taken, 0), (Step.FirstCustomer, 0), (Step.Flushed, 0), (Step.Told, 0), (Step.Shown, 0), (Step.Told, 0)]);

    [Fact]
    public void Regression_AShardThatIsHiddenForAMessage_KeepsItsTenants() =>
        Follow([(Step.Taken, 0), (Step.FirstCustomer, 0), (Step.Flushed, 0), (Step.Shown, 0), (Step.Told, 0), (Step.Hidden, 0), (Step.Told, 0), (Step.Shown, 0), (Step.Told, 0)]);

    private static void Follow(List<(Step What, int Shard)> steps)
    {
        var clock = new FakeTimeProvider();
        var fields = new HotFields(clock) { IsWritten = true };
        var heard = new HeardOwner();
        var (terms, applied, held, shown, customers) = (new long[Shards], new long[Shards], new bool[Shards], new bool[Shards], new bool[Shards]);
        var place = OwnerNews.Start;
        foreach (var (what, shard) in steps)
        {
            clock.Advance(TimeSpan.FromMilliseconds(60));
            switch (what)
            {
                case Step.Taken:
                    (held[shard], shown[shard]) = (true, false);
                    fields.Open(new Lease(shard, ++terms[shard]), applied[shard], customers[shard] ? [Tenant] : []);
                    break;
                case Step.FirstCustomer or Step.Changed when held[shard]:
                    customers[shard] |= what == Step.FirstCustomer;
                    fields.Changed(shard, ++applied[shard], customers[shard] ? [Tenant] : []);
                    break;
                case Step.Flushed:
                    var round = fields.Take(new ShardProgress[ServiceDefaults.Streams.Shards.Count]);
                    fields.Done(round, round.Fields.ToHashSet());
                    break;
                case Step.Shown or Step.Hidden:
                    shown[shard] = held[shard] && what == Step.Shown;
                    break;
                case Step.GivenUp:
                    (held[shard], shown[shard]) = (false, false);
                    fields.Close(shard);
                    break;
                case Step.Told:
                    var news = new FollowResponse();
                    news.Shards.AddRange(Enumerable.Range(0, Shards).Where(at => shown[at]).Select(at => new ShardMark { Shard = at, Term = terms[at], Applied = applied[at], Flushed = -1 }));
                    place = fields.Tell(news, place);
                    heard.Hear(FollowResponse.Parser.ParseFrom(Google.Protobuf.MessageExtensions.ToByteArray(news)), clock.GetTimestamp());
                    for (var at = 0; at < Shards; at++)
                    {
                        var mark = heard.MarkOf(at, Tenant);
                        Assert.Equal(shown[at], mark is not null);
                        if (mark is { Shard.Flushed: >= 0 } told)
                        {
                            Assert.Equal(customers[at], told.Sums is not null);
                        }
                    }

                    break;
            }
        }
    }
}
