using System.CommandLine;
using Churn.Cli;
using Churn.ServiceDefaults.Storage;
using Churn.Suite.Serve;

namespace Churn.Suite.Admin;

/// <summary>Makes the commands that look into an installation's databases.</summary>
internal sealed class InstallationCommand(Func<string, string?>? environment)
{
    public const string Details =
        """
        Looks into the databases themselves: those of PostgreSQL, while services run or not; or, without it, the files of a data
        folder, which no server may have at the time.

        """;

    /// <summary>Makes a command.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="details">What the help says below the options.</param>
    /// <param name="symbols">Its own options and arguments.</param>
    /// <param name="run">Does it, and gives the exit status.</param>
    public Command Create(string name, string description, string details, Symbol[] symbols, Func<ParseResult, Installation, TextWriter, CancellationToken, Task<int>> run)
    {
        var command = new DetailedCommand(name, description, details);
        foreach (var symbol in symbols)
        {
            if (symbol is Argument argument)
            {
                command.Add(argument);
            }
            else
            {
                command.Add((Option)symbol);
            }
        }

        var postgres = new PostgresArguments();
        postgres.AddTo(command);
        var data = TypedOption.Text("--data", "DIR", "The data folder, where there is no PostgreSQL [default: churn in the user's data folder]");
        command.Add(data);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            try
            {
                var server = postgres.Read(parsed, environment ?? Environment.GetEnvironmentVariable);
                using var installation = Installation.Open(server, parsed.GetValue(data));
                return await run(parsed, installation, output, cancellationToken);
            }
            catch (StorageException e)
            {
                await error.WriteLineAsync($"churn admin {name}: {e.Message}");
                return 1;
            }
        });
        return command;
    }

    /// <summary>Writes rows under a header, in columns as wide as what is in them; numbers to the right.</summary>
    public static void WriteTable(TextWriter output, IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows)
    {
        var widths = header.Select((name, i) => rows.Select(row => row[i].Length).Append(name.Length).Max()).ToList();
        var isNumber = header.Select((_, i) => rows.Count > 0 && rows.All(row => row[i].Length > 0 && char.IsAsciiDigit(row[i][0]) && row[i].All(c => char.IsAsciiDigit(c) || c == ','))).ToList();
        foreach (var row in rows.Prepend(header))
        {
            output.WriteLine(("  " + string.Join("  ", row.Select((cell, i) => isNumber[i] ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i])))).TrimEnd());
        }
    }
}
