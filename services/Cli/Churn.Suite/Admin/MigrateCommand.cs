using System.CommandLine;
using Churn.Cli;
using Churn.Ingestion.Storage;
using Churn.Metrics;
using Churn.Notifications;
using Churn.Playbooks;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Storage;
using Churn.Suite.Serve;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin migrate</c>: makes the schemas of PostgreSQL, or brings them up to date.</summary>
internal static class MigrateCommand
{
    private const string Details =
        """
        Run it before services of a new version start; services go on meanwhile, and those of the version before go on after it. Each
        script runs in one transaction, once: run again, it changes nothing. The user needs the right to create schemas in the
        database; the services need less, and log in as another role, which --app-role grants what they need. Row-level security
        binds that role, not the owner of the tables: a call shows its own tenant's rows alone.

        Exit status:
          0 all schemas are up to date; 1 one is not, and standard error says why

        Examples:
          churn admin migrate --postgres postgres://owner:secret@db/churn --app-role churn
          CHURN_POSTGRES=postgres://owner:secret@db/churn churn admin migrate

        """;

    /// <summary>Gives the schemas there are.</summary>
    public static IReadOnlyList<DatabaseOptions> Schemas { get; } = [AccessStore.Options, FactsStore.Schema, MetricsHost.Schema, PlaybooksHost.Schema, NotificationsHost.Schema];

    public static Command Create(Func<string, string?>? environment = null)
    {
        var postgres = new PostgresArguments();
        var role = TypedOption.Text("--app-role", "ROLE", "The role that services log in with, if it does not own the schemas");
        var command = new DetailedCommand("migrate", "Make the schemas of PostgreSQL, or bring them up to date", Details);
        postgres.AddTo(command);
        command.Add(role);
        command.SetAction(parsed =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (postgres.Read(parsed, environment ?? Environment.GetEnvironmentVariable) is not { } server)
            {
                error.WriteLine("churn admin migrate: name the PostgreSQL with --postgres or CHURN_POSTGRES");
                return 1;
            }

            try
            {
                var count = 0;
                PostgresMigrations.Migrate(server, Schemas, parsed.GetValue(role), (schema, script) =>
                {
                    count++;
                    output.WriteLine($"churn admin migrate: {schema} {script}");
                });
                output.WriteLine($"churn admin migrate: {server.Shown} is up to date{(count == 0 ? "; nothing was to be done" : "")}");
                return 0;
            }
            catch (StorageException e)
            {
                error.WriteLine($"churn admin migrate: {e.Message}");
                return 1;
            }
        });
        return command;
    }
}
