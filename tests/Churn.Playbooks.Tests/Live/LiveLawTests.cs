using Churn.Playbooks.Consumers;
using Churn.Playbooks.Domain;
using Churn.Playbooks.Simulation;
using Google.Protobuf;
using WireSignal = Churn.Metrics.V1.Signal;

namespace Churn.Playbooks.Tests.Live;

public sealed class LiveLawTests
{
    private const int Customers = 4;
    private const long Year = 400 * World.Day;

    [Fact]
    public void Law_SimulateAndLive_TellTheSameEventForEvent()
    {
        var told = 0;
        Law.Holds(world => told += Compare(world), times: 40);

        // Worlds in which nothing happens would agree on anything.
        Assert.True(told > 100, $"Only {told} events were compared.");
    }

    [Fact]
    public void Law_ALogThatIsReadAgain_TellsTheSame() => Law.Holds(
        world =>
        {
            var playbooks = world.Playbooks();
            using var stage = new Stage(playbooks);
            stage.Record(world.Signals(Customers));
            Run(stage.ApplyAsync());
            Run(stage.FireAsync());
            var before = Enumerable.Range(0, Customers).Select(i => stage.Told($"c{i}")).ToList();
            var tasks = Enumerable.Range(0, Customers).Select(i => stage.TasksOf($"c{i}")).ToList();
            for (var shard = 0; shard < ServiceDefaults.Streams.Shards.Count; shard++)
            {
                stage.Reset(shard);
            }

            Run(stage.ApplyAsync());
            Run(stage.FireAsync());
            Assert.Equal(before, Enumerable.Range(0, Customers).Select(i => stage.Told($"c{i}")));
            Assert.Equal(tasks, Enumerable.Range(0, Customers).Select(i => stage.TasksOf($"c{i}")));
        },
        times: 10);

    private static int Compare(World world)
    {
        var playbooks = world.Playbooks();
        var policy = world.Policy(playbooks);
        var signals = world.Signals(Customers);
        using var stage = new Stage(playbooks, policy.GlobalHoldoutShare);

        // Batches, firing and restarts fall anywhere, and change nothing.
        foreach (var signal in signals)
        {
            stage.Record(signal);
            switch (world.Next(5))
            {
                case 0:
                    Run(stage.ApplyAsync(world.OneOf(1, 1 << 20)));
                    Run(stage.FireAsync());
                    break;
                case 1:
                    Run(stage.ApplyAsync());
                    break;
                case 2 when world.Next(4) == 0:
                    stage.Restart();
                    break;
            }
        }

        Run(stage.ApplyAsync());
        var until = stage.Clock.Now() + world.OneOf(World.Hour, 3 * World.Day, Year);
        stage.MoveTo(until);
        Run(stage.FireAsync());
        Assert.Equal(0, stage.Handler.Quarantined);
        var told = 0;
        foreach (var (customer, story) in Simulate(policy, signals, until))
        {
            told += story.Events.Count;
            Assert.Equal(story.Events.Select(happened => happened.ToString()), stage.Told(customer));
            Assert.Equal(
                story.Effects.OfType<Effect.Send>().Select(send => JsonFormatter.Default.Format(send.ToWire(customer))),
                Run(stage.RequestsOfAsync(customer)).Select(send => JsonFormatter.Default.Format(send)));
            Assert.Equal(story.Journey.Exposures, stage.JourneyOf(customer).Exposures.OrderBy(exposure => story.Journey.Exposures.ToList().IndexOf(exposure)));
            Assert.Equal(
                story.Effects.OfType<Effect.MakeTask>().Select(task => task.Id).Order(StringComparer.Ordinal), stage.TasksOf(customer).Select(task => task.Id));
        }

        return told;
    }

    private static Dictionary<string, Story> Simulate(Policy policy, List<WireSignal> signals, long until)
    {
        var simulator = new Simulator(policy, until);
        var stories = new List<Story?>();
        foreach (var signal in signals.OrderBy(signal => signal.CustomerId, StringComparer.Ordinal))
        {
            stories.Add(simulator.Take(signal.FromWire()));
        }

        stories.Add(simulator.End());
        return stories.OfType<Story>().ToDictionary(story => story.Journey.Customer, StringComparer.Ordinal);
    }

    private static void Run(Task task) => task.GetAwaiter().GetResult();

    private static T Run<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
