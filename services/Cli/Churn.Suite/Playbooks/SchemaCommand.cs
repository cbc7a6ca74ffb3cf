using System.CommandLine;
using System.Text;
using Churn.Suite.Calls;

namespace Churn.Suite.Playbooks;

/// <summary>The command <c>churn playbooks schema</c>: the JSON Schema of documents.</summary>
internal static class SchemaCommand
{
    private const string Details =
        """
        Editors check and complete documents by it: with yaml-language-server, a document that begins with
        "# yaml-language-server: $schema=playbook.schema.json" does. No server is asked.

        """ + Caller.ExitStatus + """
        Examples:
          churn playbooks schema > playbook.schema.json

        """;

    public static Command Create(Caller caller) => caller.Command("schema", "Print the JSON Schema of documents", Details, [], (_, call) =>
    {
        call.Streams.Output.Write(Encoding.UTF8.GetBytes(Library.Schema().TrimEnd('\n') + "\n"));
        return Task.FromResult(0);
    });
}
