using System.CommandLine;
using System.Globalization;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin quarantine</c>: what could not be applied, and why.</summary>
internal static class QuarantineCommand
{
    private const int Most = 1_000;

    private const string Text = InstallationCommand.Details +
        """
        A record that a consumer cannot apply, however often it tries, is put aside and the others go on; numbers that it would touch
        say so. After an upgrade that can apply it, --retry has the ledger's shards that have some made anew from the log.

        Exit status:
          0 it was shown; 1 it could not be read

        Examples:
          churn admin quarantine --postgres postgres://churn:secret@db/churn
          churn admin quarantine --retry --data /var/lib/churn

        """;

    public static Command Create(InstallationCommand commands)
    {
        var retry = new Option<bool>("--retry") { Description = "Has the ledger's shards that have some made anew" };
        return commands.Create("quarantine", "What could not be applied, and why", Text, [retry], (parsed, installation, output, stop) =>
        {
            var rows = new List<IReadOnlyList<string>>();
            var shards = new HashSet<int>();
            foreach (var route in Installation.Streams)
            {
                installation.Of(route.Applied).Read(connection =>
                {
                    var row = connection.Prepare("""SELECT shard, "offset", tenant, record_time, reason FROM quarantine ORDER BY shard, "offset" LIMIT ?1""").Bind(1, Most);
                    while (row.Step())
                    {
                        rows.Add(
                        [
                            route.Consumer, row.Number(0).ToString(CultureInfo.InvariantCulture), row.Number(1).ToString(CultureInfo.InvariantCulture), row.Text(2),
                            DateTime.UnixEpoch.AddMicroseconds(row.Number(3)).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture), row.Text(4).ReplaceLineEndings(" "),
                        ]);
                        if (route == Installation.Streams[0])
                        {
                            shards.Add((int)row.Number(0));
                        }
                    }

                    return true;
                }, stop);
            }

            if (rows.Count == 0)
            {
                output.WriteLine("nothing is put aside");
                return Task.FromResult(0);
            }

            InstallationCommand.WriteTable(output, ["consumer", "shard", "offset", "tenant", "recorded (UTC)", "reason"], rows);
            if (parsed.GetValue(retry))
            {
                RebuildCommand.Rebuild(installation, shards);
                output.WriteLine(shards.Count == 0 ? "none of it is the ledger's: nothing is made anew" : $"{shards.Count} shards of the ledger are read from the log anew");
            }

            return Task.FromResult(0);
        });
    }
}
