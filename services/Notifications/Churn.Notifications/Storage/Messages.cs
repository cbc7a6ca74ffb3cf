using Churn.Notifications.Domain;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using Google.Protobuf;

namespace Churn.Notifications.Storage;

/// <summary>Reads and writes messages and their history, within a transaction of the caller's.</summary>
internal static class Messages
{
    private const string Columns =
        """
        seq, id, hash, request, class, category, template_version, locale, subject, text, html, track, state, reason, detail, tries,
        next_time, handed_over, doubtful, slot_time, create_time, expire_time, send_time, tenant
        """;

    public static MessageRow? FindByKey(DatabaseConnection connection, string tenant, string key) =>
        One(connection.Prepare($"""SELECT {Columns} FROM message WHERE tenant = ? AND "key" = ?""").Bind(1, tenant).Bind(2, key));

    public static MessageRow? FindById(DatabaseConnection connection, string tenant, string id) =>
        FindByLink(connection, id) is { } found && string.Equals(found.Tenant, tenant, StringComparison.Ordinal) ? found : null;

    /// <summary>Gives the message of an id that nobody can have made up, whosever it is.</summary>
    public static MessageRow? FindByLink(DatabaseConnection connection, string id) =>
        One(connection.Prepare($"SELECT {Columns} FROM message WHERE id = ?").Bind(1, id));

    public static MessageRow Get(DatabaseConnection connection, long seq) =>
        One(connection.Prepare($"SELECT {Columns} FROM message WHERE seq = ?").Bind(1, seq)) ?? throw new InvalidOperationException($"Message {seq} is gone.");

    /// <summary>Stores a message that is new, with its first event.</summary>
    public static MessageRow Add(DatabaseConnection connection, MessageRow message, string happened)
    {
        var request = message.Request;
        var standing = message.Standing;
        connection.Prepare(
            """
            INSERT INTO message (id, "key", hash, request, customer, contact, channel, class, category, playbook, run_id, template, template_version,
                locale, subject, text, html, track, state, reason, detail, tries, next_time, handed_over, doubtful, create_time, expire_time, tenant, shard)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29)
            """)
            .Bind(1, message.Id).Bind(2, request.Key).Bind(3, message.Hash.AsSpan()).Bind(4, request.ToByteArray().AsSpan())
            .Bind(5, request.Recipient?.CustomerId ?? "").Bind(6, request.Recipient?.ContactId ?? "").Bind(7, (int)request.Channel).Bind(8, (int)message.Class)
            .Bind(9, message.Category).Bind(10, request.Playbook).Bind(11, request.RunId).Bind(12, request.Template).Bind(13, message.TemplateVersion)
            .Bind(14, message.Locale).Bind(15, message.Subject).Bind(16, message.Text).Bind(17, message.Html).Bind(18, message.Track ? 1 : 0)
            .Bind(19, (int)standing.State).Bind(20, standing.Reason).Bind(21, standing.Detail).Bind(22, standing.Tries).Bind(23, standing.NextTime)
            .Bind(24, standing.IsHandedOver ? 1 : 0).Bind(25, standing.IsDoubtful ? 1 : 0).Bind(26, message.CreateTime).Bind(27, message.ExpireTime).Bind(28, message.Tenant).Bind(29, message.Shard)
            .Execute();
        var stored = FindById(connection, message.Tenant, message.Id)!;
        AddEvent(connection, stored, happened, standing.Detail, message.CreateTime);
        return stored;
    }

    /// <summary>Stores that a message stands elsewhere, and gives it as it is then.</summary>
    public static MessageRow Move(DatabaseConnection connection, MessageRow message, Standing standing, DateTimeOffset? slot = null, DateTimeOffset? sent = null)
    {
        connection.Prepare(
            """
            UPDATE message SET state = ?2, reason = ?3, detail = ?4, tries = ?5, next_time = ?6, handed_over = ?7, doubtful = ?8,
                slot_time = coalesce(?9, slot_time), send_time = coalesce(send_time, ?10)
            WHERE seq = ?1
            """)
            .Bind(1, message.Seq).Bind(2, (int)standing.State).Bind(3, standing.Reason).Bind(4, standing.Detail).Bind(5, standing.Tries).Bind(6, standing.NextTime)
            .Bind(7, standing.IsHandedOver ? 1 : 0).Bind(8, standing.IsDoubtful ? 1 : 0).Bind(9, slot).Bind(10, sent)
            .Execute();
        return message with { Standing = standing, SlotTime = slot ?? message.SlotTime, SendTime = message.SendTime ?? sent };
    }

    public static void AddEvent(DatabaseConnection connection, MessageRow message, string happened, string detail, DateTimeOffset time) =>
        connection.Prepare("""
            INSERT INTO event (message, number, time, state, event, detail, tenant)
            SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4, ?5, ?6 FROM event WHERE message = ?1
            """)
            .Bind(1, message.Seq).Bind(2, time.ToMicros()).Bind(3, (int)message.Standing.State).Bind(4, happened).Bind(5, detail).Bind(6, message.Tenant).Execute();

    public static bool HasEvent(DatabaseConnection connection, MessageRow message, string happened, string? detail = null)
    {
        var row = connection.Prepare("SELECT 1 FROM event WHERE message = ?1 AND event = ?2 AND (?3 IS NULL OR detail = ?3) LIMIT 1").Bind(1, message.Seq).Bind(2, happened);
        var found = (detail is null ? row.BindNull(3) : row.Bind(3, detail)).Step();
        row.Rewind();
        return found;
    }

    public static int CountEvents(DatabaseConnection connection, MessageRow message, string happened)
    {
        var row = connection.Prepare("SELECT count(*) FROM event WHERE message = ?1 AND event = ?2").Bind(1, message.Seq).Bind(2, happened);
        row.Step();
        var count = (int)row.Number(0);
        row.Rewind();
        return count;
    }

    public static List<EventRow> EventsOf(DatabaseConnection connection, MessageRow message)
    {
        var rows = connection.Prepare("SELECT time, state, event, detail FROM event WHERE message = ? ORDER BY number").Bind(1, message.Seq);
        var events = new List<EventRow>();
        while (rows.Step())
        {
            events.Add(new EventRow(rows.Instant(0), (MessageState)rows.Number(1), rows.Text(2), rows.Text(3)));
        }

        return events;
    }

    /// <summary>Gives the messages that are due, the longest waiting first.</summary>
    /// <param name="connection">The transaction.</param>
    /// <param name="now">The time.</param>
    /// <param name="without">The channels to leave out, a bit for each.</param>
    /// <param name="shards">The shards whose messages are sent here.</param>
    /// <param name="most">How many at most.</param>
    public static List<MessageRow> Due(DatabaseConnection connection, DateTimeOffset now, int without, IReadOnlyCollection<int> shards, int most) =>
        All(connection.Prepare($"SELECT {Columns} FROM message WHERE next_time <= ?1 AND (?2 >> CAST(channel AS integer)) & 1 = 0{In(shards)} ORDER BY next_time, seq LIMIT ?3")
            .Bind(1, now.ToMicros()).Bind(2, without).Bind(3, most));

    /// <summary>Gives when the next message of the other channels is due; null where none waits.</summary>
    public static DateTimeOffset? NextDue(DatabaseConnection connection, int without, IReadOnlyCollection<int> shards)
    {
        var row = connection.Prepare($"SELECT next_time FROM message WHERE next_time IS NOT NULL AND (?1 >> CAST(channel AS integer)) & 1 = 0{In(shards)} ORDER BY next_time LIMIT 1").Bind(1, without);
        var next = row.Step() ? row.InstantOrNull(0) : null;
        row.Rewind();
        return next;
    }

    /// <summary>Gives the messages of shards within whose try their owner ended.</summary>
    public static List<MessageRow> Interrupted(DatabaseConnection connection, IReadOnlyCollection<int> shards) =>
        All(connection.Prepare($"SELECT {Columns} FROM message WHERE state = ?1{In(shards)} ORDER BY seq").Bind(1, (int)MessageState.Sending));

    /// <summary>Says of all mails that are due why they wait.</summary>
    public static void Explain(DatabaseConnection connection, Channel channel, DateTimeOffset now, string reason, string detail) =>
        connection.Prepare("UPDATE message SET reason = ?4, detail = ?5 WHERE next_time <= ?1 AND channel = ?2 AND state = ?3")
            .Bind(1, now.ToMicros()).Bind(2, (int)channel).Bind(3, (int)MessageState.Queued).Bind(4, reason).Bind(5, detail).Execute();

    /// <summary>Gives when a person's other messages of the class went out, after an instant; those that did not in the end are left out.</summary>
    public static List<DateTimeOffset> SlotsOf(DatabaseConnection connection, MessageRow message, DateTimeOffset after)
    {
        var rows = connection.Prepare(
            """
            SELECT slot_time FROM message
            WHERE tenant = ?12 AND customer = ?1 AND contact = ?2 AND slot_time > ?3 AND class = ?4 AND channel <> ?5 AND seq <> ?6 AND state IN (?7, ?8, ?9, ?10, ?11)
            """)
            .Bind(1, message.Request.Recipient.CustomerId).Bind(2, message.Request.Recipient.ContactId).Bind(3, after.ToMicros())
            .Bind(4, (int)MessageClass.Marketing).Bind(5, (int)Channel.Webhook).Bind(6, message.Seq)
            .Bind(7, (int)MessageState.Sending).Bind(8, (int)MessageState.Sent).Bind(9, (int)MessageState.Delivered)
            .Bind(10, (int)MessageState.Unknown).Bind(11, (int)MessageState.Bounced).Bind(12, message.Tenant);
        var slots = new List<DateTimeOffset>();
        while (rows.Step())
        {
            slots.Add(rows.Instant(0));
        }

        return slots;
    }

    /// <summary>Has what is held of a person looked at again, because what they want has changed.</summary>
    public static void LookAgain(DatabaseConnection connection, string tenant, string customer, string contact, DateTimeOffset now) =>
        connection.Prepare("UPDATE message SET next_time = ?3 WHERE tenant = ?5 AND customer = ?1 AND contact = ?2 AND state = ?4")
            .Bind(1, customer).Bind(2, contact).Bind(3, now.ToMicros()).Bind(4, (int)MessageState.Held).Bind(5, tenant).Execute();

    /// <summary>Gives messages, latest first.</summary>
    public static List<MessageRow> List(DatabaseConnection connection, string tenant, string customer, MessageState? state, string playbook, long before, int most)
    {
        // Each filter has its index, so each pair of them is a statement of its own.
        var where = new List<string> { "tenant = ?6", "seq < ?1" };
        if (customer.Length > 0)
        {
            where.Add("customer = ?2");
        }

        if (state is not null)
        {
            where.Add("state = ?3");
        }

        if (playbook.Length > 0)
        {
            where.Add("playbook = ?4 AND playbook <> ''");
        }

        var rows = connection.Prepare($"SELECT {Columns} FROM message WHERE {string.Join(" AND ", where)} ORDER BY seq DESC LIMIT ?5")
            .Bind(1, before).Bind(5, most).Bind(6, tenant);
        if (customer.Length > 0)
        {
            rows.Bind(2, customer);
        }

        if (state is { } wanted)
        {
            rows.Bind(3, (int)wanted);
        }

        if (playbook.Length > 0)
        {
            rows.Bind(4, playbook);
        }

        return All(rows);
    }

    // The numbers stand in the SQL: there are few sets of them.
    private static string In(IReadOnlyCollection<int> shards) => shards.Count == Shards.Count ? "" : $" AND shard IN ({string.Join(", ", shards.Append(-1))})";

    private static MessageRow? One(Statement row)
    {
        var found = row.Step() ? Read(row) : null;
        row.Rewind();
        return found;
    }

    private static List<MessageRow> All(Statement rows)
    {
        var found = new List<MessageRow>();
        while (rows.Step())
        {
            found.Add(Read(rows));
        }

        return found;
    }

    private static MessageRow Read(Statement row) => new()
    {
        Seq = row.Number(0),
        Id = row.Text(1),
        Hash = row.Blob(2).ToArray(),
        Request = V1.SendRequest.Parser.ParseFrom(row.Blob(3)),
        Class = (MessageClass)row.Number(4),
        Category = row.Text(5),
        TemplateVersion = (int)row.Number(6),
        Locale = row.Text(7),
        Subject = row.Text(8),
        Text = row.Text(9),
        Html = row.Text(10),
        Track = row.Number(11) != 0,
        Standing = new Standing(
            (MessageState)row.Number(12), row.Text(13), row.Text(14), (int)row.Number(15), row.InstantOrNull(16), row.Number(17) != 0, row.Number(18) != 0),
        SlotTime = row.InstantOrNull(19),
        CreateTime = row.Instant(20),
        ExpireTime = row.Instant(21),
        SendTime = row.InstantOrNull(22),
        Tenant = row.Text(23),
    };
}
