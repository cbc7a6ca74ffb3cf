using Churn.ServiceDefaults.Storage;

namespace Churn.Notifications.Storage;

/// <summary>Holds a mail of the development mailbox.</summary>
internal sealed record MailRow(string Tenant, string Message, DateTimeOffset Time, string Sender, string Recipient, string Subject, string Text, byte[] Raw, TimeSpan Latency);

/// <summary>Keeps the mails of the development mailbox, and the inbox within the product.</summary>
internal static class MailRows
{
    public static void Add(DatabaseConnection connection, MailRow mail) =>
        connection.Prepare("INSERT INTO mail (message, time, sender, recipient, subject, text, raw, latency, tenant) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .Bind(1, mail.Message).Bind(2, mail.Time.ToMicros()).Bind(3, mail.Sender).Bind(4, mail.Recipient).Bind(5, mail.Subject).Bind(6, mail.Text)
            .Bind(7, mail.Raw.AsSpan()).Bind(8, mail.Latency.Ticks / TimeSpan.TicksPerMicrosecond).Bind(9, mail.Tenant).Execute();

    public static List<MailRow> List(DatabaseConnection connection, string tenant, string to, int most)
    {
        var rows = connection.Prepare(
            """
            SELECT message, time, sender, recipient, subject, text, raw, latency FROM mail
            WHERE tenant = ?3 AND (?1 = '' OR recipient = ?1 COLLATE NOCASE) ORDER BY seq DESC LIMIT ?2
            """).Bind(1, to).Bind(2, most).Bind(3, tenant);
        var found = new List<MailRow>();
        while (rows.Step())
        {
            found.Add(new MailRow(
                tenant, rows.Text(0), rows.Instant(1), rows.Text(2), rows.Text(3), rows.Text(4), rows.Text(5), rows.Blob(6).ToArray(), TimeSpan.FromMicroseconds(rows.Number(7))));
        }

        return found;
    }

    public static void AddToInbox(DatabaseConnection connection, MessageRow message, DateTimeOffset now) =>
        connection.Prepare("INSERT INTO inbox (customer, contact, message, time, tenant) VALUES (?, ?, ?, ?, ?)")
            .Bind(1, message.Request.Recipient.CustomerId).Bind(2, message.Request.Recipient.ContactId).Bind(3, message.Id).Bind(4, now.ToMicros()).Bind(5, message.Tenant).Execute();

    /// <summary>Gives the place of a message in a person's inbox; null where it is not there.</summary>
    public static long? PlaceInInbox(DatabaseConnection connection, string tenant, string customer, string contact, string message)
    {
        var row = connection.Prepare("SELECT seq FROM inbox WHERE message = ? AND customer = ? AND contact = ? AND tenant = ?").Bind(1, message).Bind(2, customer).Bind(3, contact).Bind(4, tenant);
        long? place = row.Step() ? row.Number(0) : null;
        row.Rewind();
        return place;
    }

    /// <summary>Gives a person's in-app messages after a place, oldest first.</summary>
    public static List<(long Place, string Message, DateTimeOffset Time)> Inbox(DatabaseConnection connection, string tenant, string customer, string contact, long after, int most)
    {
        var rows = connection.Prepare("SELECT seq, message, time FROM inbox WHERE tenant = ? AND customer = ? AND contact = ? AND seq > ? ORDER BY seq LIMIT ?")
            .Bind(1, tenant).Bind(2, customer).Bind(3, contact).Bind(4, after).Bind(5, most);
        var found = new List<(long, string, DateTimeOffset)>();
        while (rows.Step())
        {
            found.Add((rows.Number(0), rows.Text(1), rows.Instant(2)));
        }

        return found;
    }
}
