using Churn.Ingestion.V1;
using Churn.Notifications.Domain;
using Churn.ServiceDefaults.Storage;
using Google.Protobuf;
using Happened = Churn.Ingestion.V1.MessageEvent.Types.Event;

namespace Churn.Notifications.Storage;

/// <summary>Keeps the facts that ingestion has not acknowledged yet.</summary>
internal static class Outbox
{
    /// <summary>Names the source of the facts.</summary>
    public const string Source = "churn-notifications";

    private const int MostDetail = 2_000;

    /// <summary>Adds what became of a message; it is recorded once for each name.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="message">The message.</param>
    /// <param name="happened">What became of it.</param>
    /// <param name="name">Names the event within the message, such as "sent" or "clicked:2".</param>
    /// <param name="detail">A reason or a link.</param>
    /// <param name="time">When.</param>
    public static void Add(DatabaseConnection connection, MessageRow message, Happened happened, string name, string detail, DateTimeOffset time)
    {
        var request = message.Request;
        var fact = new Fact
        {
            Source = Source,
            EventId = $"{message.Id}:{name}",
            OccurTime = time.ToWire(),
            CustomerId = request.Recipient.CustomerId,
            MessageEvent = new MessageEvent
            {
                MessageId = message.Id,
                Event = happened,
                Channel = WordOf(message.Channel),
                Template = request.Template,
                Playbook = request.Playbook,
                RunId = request.RunId,
                Detail = detail.Length <= MostDetail / 4 ? detail : detail[..(MostDetail / 4)],
            },
        };
        connection.Prepare("INSERT INTO outbox (fact, tenant) VALUES (?, ?)").Bind(1, fact.ToByteArray().AsSpan()).Bind(2, message.Tenant).Execute();
    }

    /// <summary>Gives the first facts that are all of one tenant.</summary>
    public static (string Tenant, List<(long Seq, Fact Fact)> Facts) First(DatabaseConnection connection, int most)
    {
        var rows = connection.Prepare("SELECT seq, fact, tenant FROM outbox ORDER BY seq LIMIT ?").Bind(1, most);
        var tenant = "";
        var found = new List<(long, Fact)>();
        while (rows.Step() && (found.Count == 0 || string.Equals(rows.Text(2), tenant, StringComparison.Ordinal)))
        {
            tenant = rows.Text(2);
            found.Add((rows.Number(0), Fact.Parser.ParseFrom(rows.Blob(1))));
        }

        rows.Rewind();
        return (tenant, found);
    }

    /// <summary>Removes facts that ingestion has: those alone, since one with an earlier number may be committed later.</summary>
    public static void Remove(DatabaseConnection connection, IEnumerable<long> seqs)
    {
        var rows = new Rows("outbox", new Column("seq", ColumnType.Number));
        foreach (var seq in seqs)
        {
            rows.Add(seq);
        }

        connection.Delete(rows);
    }

    public static long Count(DatabaseConnection connection)
    {
        var row = connection.Prepare("SELECT count(*) FROM outbox");
        row.Step();
        var count = row.Number(0);
        row.Rewind();
        return count;
    }

    private static string WordOf(Channel channel) => channel switch
    {
        Channel.Email => "email",
        Channel.Webhook => "webhook",
        _ => "in_app",
    };
}
