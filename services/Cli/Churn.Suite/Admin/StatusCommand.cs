using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Churn.Cli;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin status</c>: who owns what, how far it has come, and what is put aside.</summary>
internal static class StatusCommand
{
    private const string Text = InstallationCommand.Details +
        """
        Lag is how many records of a stream its consumer has not applied. Quarantined is what could not be applied, however often it
        was tried; churn admin quarantine shows it. A shard without an owner is taken by a living replica within seconds.

        Exit status:
          0 everything has an owner; 1 it could not be read; 2 a shard of a consumer has no living owner

        Examples:
          churn admin status --postgres postgres://churn:secret@db/churn
          churn admin status --format json

        """;

    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static Command Create(InstallationCommand commands)
    {
        var json = TypedOption.Choice("--format", "How it is shown", ("table", false), ("json", true));
        return commands.Create("status", "Shards, owners, lags, versions of the stores", Text, [json], (parsed, installation, output, _) =>
        {
            var status = Read(installation);
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(status, Json));
            }
            else
            {
                Write(status, output);
            }

            // Nobody owns anything of files that no server has.
            return Task.FromResult(status.IsShared && status.Consumers.Any(consumer => consumer.Owners.Sum(owner => owner.Shards.Count) < Shards.Count) ? 2 : 0);
        });
    }

    private static InstallationStatus Read(Installation installation)
    {
        var consumers = Installation.Streams.Select(route =>
        {
            var applied = installation.AppliedOf(route);
            var heads = installation.LogOf(route).Heads();
            var database = installation.Of(route.Applied);
            return new ConsumerStatus(
                route.Consumer,
                route.Stream,
                heads.Sum(head => head.Offset),
                heads.Sum(head => Math.Max(0, head.Offset - applied[head.Shard].Offset)),
                database.Read(AppliedRows.CountPutAside),
                database.Read(connection => Owners(connection, connection.Now(TimeProvider.System))));
        }).ToList();
        var isShared = installation.Of(Installation.Streams[0].Log).IsShared;
        return new InstallationStatus(installation.Place, isShared, consumers);
    }

    private static List<OwnerStatus> Owners(DatabaseConnection connection, long now)
    {
        var owners = new List<OwnerStatus>();
        var rows = connection.Prepare("""
            SELECT l.shard, l.term, l.owner, o.address FROM lease l LEFT JOIN lease_owner o ON o.owner = l.owner WHERE l.owner <> '' AND l.expires_at > ?1 ORDER BY l.owner, l.shard
            """).Bind(1, now);
        while (rows.Step())
        {
            if (owners.Count == 0 || owners[^1].Name != rows.Text(2))
            {
                owners.Add(new OwnerStatus(rows.Text(2), rows.Text(3), [], []));
            }

            owners[^1].Shards.Add((int)rows.Number(0));
            owners[^1].Terms.Add(rows.Number(1));
        }

        return owners;
    }

    private static void Write(InstallationStatus status, TextWriter output)
    {
        output.WriteLine(status.Place);
        output.WriteLine();
        InstallationCommand.WriteTable(output, ["consumer", "of", "records", "lag", "quarantined", "owners"], status.Consumers.ConvertAll(consumer => (IReadOnlyList<string>)
            [consumer.Name, consumer.Stream, Number(consumer.Records), Number(consumer.Lag), Number(consumer.Quarantined), Number(consumer.Owners.Count)]));
        foreach (var consumer in status.Consumers.Where(consumer => consumer.Owners.Count > 0))
        {
            output.WriteLine();
            output.WriteLine($"{consumer.Name}:");
            InstallationCommand.WriteTable(output, ["owner", "shards", "terms"], consumer.Owners.ConvertAll(owner => (IReadOnlyList<string>)
                [owner.Address.Length > 0 ? owner.Address : owner.Name, Ranges(owner.Shards), owner.Terms.Min() == owner.Terms.Max() ? Number(owner.Terms[0]) : $"{Number(owner.Terms.Min())} to {Number(owner.Terms.Max())}"]));
        }

        foreach (var consumer in status.Consumers.Where(_ => status.IsShared))
        {
            var owned = consumer.Owners.SelectMany(owner => owner.Shards).ToHashSet();
            if (owned.Count < Shards.Count)
            {
                output.WriteLine();
                output.WriteLine($"{consumer.Name}: no living owner of shards {Ranges([.. Enumerable.Range(0, Shards.Count).Where(shard => !owned.Contains(shard))])}");
            }
        }
    }

    private static string Number(long number) => number.ToString("#,0", CultureInfo.InvariantCulture);

    /// <summary>Writes 0, 1, 2, 5 as "0-2 5".</summary>
    private static string Ranges(List<int> numbers)
    {
        var ranges = new List<(int From, int To)>();
        foreach (var number in numbers.Order())
        {
            if (ranges.Count > 0 && ranges[^1].To == number - 1)
            {
                ranges[^1] = (ranges[^1].From, number);
            }
            else
            {
                ranges.Add((number, number));
            }
        }

        return string.Join(' ', ranges.Select(range => range.From == range.To ? $"{range.From}" : $"{range.From}-{range.To}"));
    }

    private sealed record InstallationStatus(string Place, bool IsShared, List<ConsumerStatus> Consumers);

    private sealed record ConsumerStatus(string Name, string Stream, long Records, long Lag, long Quarantined, List<OwnerStatus> Owners);

    private sealed record OwnerStatus(string Name, string Address, List<int> Shards, List<long> Terms);
}
