using Churn.Playbooks.Documents;
using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Tests.Documents;

public sealed class PlaybookReaderTests
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;

    [Fact]
    public async Task Read_EveryKey_IsInThePlaybook()
    {
        var (read, problems) = await Example.ReadAsync(Example.Full);
        Assert.Empty(problems.Errors.Select(error => error.ToString()));
        var playbook = read!.Playbook;
        Assert.Equal(("failed-payment", 0, "dunning", 80, 0.125, 60), (playbook.Name, playbook.Version, playbook.Group, playbook.Priority, playbook.HoldoutShare, playbook.MeasureAfterDays));
        Assert.Equal(("A payment failed", "Two mails and a task,\nuntil the payment comes.\n"), (read.Title, read.Description));
        Assert.Equal(48 * Hour, playbook.Trigger.MaxAge);
        Assert.Equal(["past_due", "payment_failed"], playbook.Trigger.On.Select(on => on.Event));
        Assert.Equal(new NumberTest(1, 1), playbook.Trigger.On[0].Where.Single().Number);
        Assert.Equal(["decline_code", "amount.amount_micros"], playbook.Trigger.On[1].Where.Select(test => test.Field));
        Assert.Equal((30 * Day, 3), (playbook.Reentry.After, playbook.Reentry.Most));
        Assert.Equal(new MessageCap(3, 7 * Day), playbook.Cap);
        Assert.Equal("payment_succeeded", playbook.Goal.Single().Event);
        Assert.Equal([null, "absence", "scheduled_end", "renewal", "payment_method_expiry"], playbook.Exits.Select(exit => exit.Event));
        Assert.Equal(["churn", "paused"], playbook.Exits[0].Movements);
        var audience = Assert.IsType<Condition.All>(playbook.Audience).Of;
        Assert.Equal([CustomerState.Active, CustomerState.PastDue], Assert.IsType<Condition.State>(audience[0]).In);
        Assert.Equal(["PT", "NO"], Assert.IsType<Condition.AttributeText>(audience[1]).Test.In!);
        Assert.Equal(new NumberTest(5, 50), Assert.IsType<Condition.AttributeNumber>(audience[2]).Test);
        Assert.Equal(new Condition.Mrr("USD", new NumberTest(20_000_000, 900_000_000)), audience[3]);
        Assert.Equal(new Condition.Tenure(new NumberTest(30 * Day, 700 * Day)), audience[4]);
        Assert.Equal(new Condition.History("payment_failed", 90 * Day, new NumberTest(1, 9)), audience[5]);
        Assert.Equal(["free"], Assert.IsType<Condition.Plan>(Assert.IsType<Condition.Not>(audience[6]).Of).Test.In!);
        Assert.Equal([new Condition.HasContact("billing"), new Condition.HasContact(null)], Assert.IsType<Condition.Any>(audience[7]).Of);
    }

    [Fact]
    public async Task Read_Steps_AreLaidOutForward()
    {
        var steps = (await Example.ReadAsync(Example.Full)).Read!.Playbook.Steps;
        Assert.Equal(
            [
                "first Notify 1",
                "steps[1] Wait 2",
                "steps[2] WaitUntil 4 otherwise 3",
                "steps[2].wait_until.otherwise[0] Assign 9",
                "steps[3] Branch 8 ways 5 7",
                "steps[3].branch[0].steps[0] Webhook 6",
                "steps[3].branch[0].steps[1] End -1",
                "steps[3].branch[1].steps[0] Wait 9",
                "steps[3].branch[2].otherwise[0] Wait 9",
                "last Notify -1",
            ],
            Lay(steps));
        Assert.All(steps.Index(), at => Assert.All(Nexts(at.Item), next => Assert.True(next < 0 || next > at.Index)));
    }

    [Fact]
    public void ContentHash_CommentsAndOrder_MakeNoVersion()
    {
        var hash = PlaybookReader.Read(Example.Document(Example.With("group", "group: a")), DocumentRules.Default)!.ContentHash;
        Assert.Equal(hash, PlaybookReader.Read(Example.Document("group: 'a' # Because.\n" + Example.With("group", "")), DocumentRules.Default)!.ContentHash);
        Assert.NotEqual(hash, PlaybookReader.Read(Example.Document(Example.With("group", "group: b")), DocumentRules.Default)!.ContentHash);
    }

    private static IEnumerable<string> Lay(IEnumerable<Step> steps) => steps.Select(step => $"{step.Id} {step.GetType().Name} {step.Next}" + step switch
    {
        Step.WaitUntil wait => $" otherwise {wait.Otherwise}",
        Step.Branch branch => $" ways {string.Join(' ', branch.Ways.Select(way => way.Step))}",
        _ => "",
    });

    private static IEnumerable<int> Nexts(Step step) => step switch
    {
        Step.WaitUntil wait => [wait.Next, wait.Otherwise],
        Step.Branch branch => [branch.Next, .. branch.Ways.Select(way => way.Step)],
        _ => [step.Next],
    };
}
