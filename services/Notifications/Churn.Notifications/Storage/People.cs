using System.Globalization;
using Churn.Notifications.Domain;
using Churn.ServiceDefaults.Storage;

namespace Churn.Notifications.Storage;

/// <summary>Holds an address that is sent nothing.</summary>
internal sealed record SuppressionRow(string Email, string Reason, DateTimeOffset Time, bool Transactional);

/// <summary>Reads and writes what people want, and which addresses are suppressed, within a transaction of the caller's.</summary>
internal static class People
{
    public static List<Preference> PreferencesOf(DatabaseConnection connection, string tenant, string customer, string contact)
    {
        var rows = connection.Prepare("SELECT channel, category, wanted FROM preference WHERE customer = ? AND contact = ? AND tenant = ? ORDER BY channel, category")
            .Bind(1, customer).Bind(2, contact).Bind(3, tenant);
        var found = new List<Preference>();
        while (rows.Step())
        {
            found.Add(new Preference(rows.Number(0) == 0 ? null : (Channel)rows.Number(0), rows.Text(1), rows.Number(2) != 0));
        }

        return found;
    }

    public static void SetPreference(DatabaseConnection connection, string tenant, string customer, string contact, Preference preference) =>
        connection.Prepare("""
            INSERT INTO preference (customer, contact, channel, category, wanted, tenant) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (tenant, customer, contact, channel, category) DO UPDATE SET wanted = excluded.wanted
            """)
            .Bind(1, customer).Bind(2, contact).Bind(3, preference.Channel is { } channel ? (int)channel : 0).Bind(4, preference.Category).Bind(5, preference.IsWanted ? 1 : 0).Bind(6, tenant).Execute();

    public static void ClearPreferences(DatabaseConnection connection, string tenant, string customer, string contact) =>
        connection.Prepare("DELETE FROM preference WHERE customer = ? AND contact = ? AND tenant = ?").Bind(1, customer).Bind(2, contact).Bind(3, tenant).Execute();

    public static QuietHours? QuietHoursOf(DatabaseConnection connection, string tenant, string customer, string contact)
    {
        var row = connection.Prepare("""SELECT "from", "to" FROM quiet_hours WHERE customer = ? AND contact = ? AND tenant = ?""").Bind(1, customer).Bind(2, contact).Bind(3, tenant);
        var found = row.Step() ? new QuietHours(Clock(row.Text(0)), Clock(row.Text(1))) : null;
        row.Rewind();
        return found;

        static TimeOnly Clock(string text) => TimeOnly.ParseExact(text, "HH:mm", CultureInfo.InvariantCulture);
    }

    public static void SetQuietHours(DatabaseConnection connection, string tenant, string customer, string contact, QuietHours? hours)
    {
        if (hours is null)
        {
            connection.Prepare("DELETE FROM quiet_hours WHERE customer = ? AND contact = ? AND tenant = ?").Bind(1, customer).Bind(2, contact).Bind(3, tenant).Execute();
            return;
        }

        connection.Prepare("""
            INSERT INTO quiet_hours (customer, contact, "from", "to", tenant) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (tenant, customer, contact) DO UPDATE SET "from" = excluded."from", "to" = excluded."to"
            """)
            .Bind(1, customer).Bind(2, contact).Bind(3, Text(hours.From)).Bind(4, Text(hours.To)).Bind(5, tenant).Execute();
    }

    public static string Text(TimeOnly clock) => clock.ToString("HH:mm", CultureInfo.InvariantCulture);

    public static SuppressionRow? SuppressionOf(DatabaseConnection connection, string tenant, string email)
    {
        var row = connection.Prepare("SELECT email, reason, time, transactional FROM suppression WHERE email = ? AND tenant = ?").Bind(1, MailAddress.Normal(email)).Bind(2, tenant);
        var found = row.Step() ? Read(row) : null;
        row.Rewind();
        return found;
    }

    /// <summary>Suppresses an address; the first reason stays, and is only ever widened to all messages.</summary>
    public static SuppressionRow Suppress(DatabaseConnection connection, string tenant, string email, string reason, bool transactional, DateTimeOffset now)
    {
        connection.Prepare("""
            INSERT INTO suppression (email, reason, time, transactional, tenant) VALUES (?1, ?2, ?3, ?4, ?5)
            ON CONFLICT (tenant, email) DO UPDATE SET transactional = CASE WHEN suppression.transactional = 1 THEN 1 ELSE excluded.transactional END
            """)
            .Bind(1, MailAddress.Normal(email)).Bind(2, reason).Bind(3, now.ToMicros()).Bind(4, transactional ? 1 : 0).Bind(5, tenant).Execute();
        return SuppressionOf(connection, tenant, email)!;
    }

    public static void Release(DatabaseConnection connection, string tenant, string email) =>
        connection.Prepare("DELETE FROM suppression WHERE email = ? AND tenant = ?").Bind(1, MailAddress.Normal(email)).Bind(2, tenant).Execute();

    /// <summary>Gives suppressions, latest first.</summary>
    public static List<SuppressionRow> Suppressions(DatabaseConnection connection, string tenant, long beforeTime, string beforeEmail, int most)
    {
        var rows = connection.Prepare("SELECT email, reason, time, transactional FROM suppression WHERE tenant = ?4 AND (time, email) < (?1, ?2) ORDER BY time DESC, email DESC LIMIT ?3")
            .Bind(1, beforeTime).Bind(2, beforeEmail).Bind(3, most).Bind(4, tenant);
        var found = new List<SuppressionRow>();
        while (rows.Step())
        {
            found.Add(Read(rows));
        }

        return found;
    }

    private static SuppressionRow Read(Statement row) => new(row.Text(0), row.Text(1), row.Instant(2), row.Number(3) != 0);
}
