using System.CommandLine;
using System.Globalization;
using Churn.Cli;
using Churn.Metrics;
using Churn.Metrics.Storage;
using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin rebuild</c>: has the ledger made anew from the log of facts.</summary>
internal static class RebuildCommand
{
    private const string Text = InstallationCommand.Details +
        """
        Drops what metrics keeps of a shard, and takes the shard away from its owner: whoever takes it next reads the log of facts
        from its beginning. Meanwhile answers wait, or are refused with the advice to call again; none is made of a part.
        No fact is touched, and no playbook starts because of it: what was applied before raises no signal again.

        Exit status:
          0 the shards are being rebuilt, or will be when a server starts; 1 they are not, and standard error says why

        Examples:
          churn admin rebuild --shard 7 --postgres postgres://churn:secret@db/churn
          churn admin rebuild --data /var/lib/churn

        """;

    public static Command Create(InstallationCommand commands)
    {
        var shards = TypedOption.Choices(
            "--shard", "N", "The shard; may be repeated [default: all]", [.. Enumerable.Range(0, Shards.Count).Select(shard => (shard.ToString(CultureInfo.InvariantCulture), shard))]);
        return commands.Create("rebuild", "Have the ledger made anew from the log of facts", Text, [shards], (parsed, installation, output, _) =>
        {
            int[] asked = parsed.GetValue(shards) is { Length: > 0 } some ? some : [.. Enumerable.Range(0, Shards.Count)];
            Rebuild(installation, asked);
            output.WriteLine(asked.Length == 1 ? $"shard {asked[0]} is read from the log anew" : $"{asked.Length} shards are read from the log anew");
            return Task.FromResult(0);
        });
    }

    public static void Rebuild(Installation installation, IEnumerable<int> shards)
    {
        var database = installation.Of(MetricsHost.Schema);
        foreach (var shard in shards)
        {
            database.Write(
                connection =>
                {
                    LeaseTable.TakeAway(connection, shard);
                    var raised = AppliedRows.Of(connection, shard).Offset;
                    LedgerStore.Drop(connection, shard);
                    LedgerStore.Silence(connection, shard, raised);
                },
                Isolation.ReadCommitted);
        }
    }
}
