using Churn.ServiceDefaults.Leases;
using Churn.ServiceDefaults.Streams;

namespace Churn.Notifications.Storage;

/// <summary>Holds the scripts that make the schema.</summary>
internal static class NotificationsSchema
{
    public static readonly IReadOnlyList<string> Migrations =
    [
        LeaseTable.Schema,
        $"""
        CREATE TABLE message (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            "key" TEXT NOT NULL UNIQUE,
            hash BLOB NOT NULL,
            request BLOB NOT NULL,
            customer TEXT NOT NULL,
            contact TEXT NOT NULL,
            channel INTEGER NOT NULL,
            class INTEGER NOT NULL,
            category TEXT NOT NULL,
            playbook TEXT NOT NULL,
            run_id TEXT NOT NULL,
            template TEXT NOT NULL,
            template_version INTEGER NOT NULL,
            locale TEXT NOT NULL,
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            html TEXT NOT NULL,
            track INTEGER NOT NULL,
            state INTEGER NOT NULL,
            reason TEXT NOT NULL,
            detail TEXT NOT NULL,
            tries INTEGER NOT NULL,
            next_time INTEGER,
            handed_over INTEGER NOT NULL,
            doubtful INTEGER NOT NULL,
            slot_time INTEGER,
            create_time INTEGER NOT NULL,
            expire_time INTEGER NOT NULL,
            send_time INTEGER
        );
        CREATE INDEX message_due ON message (next_time) WHERE next_time IS NOT NULL;
        CREATE INDEX message_person ON message (customer, contact, seq);
        CREATE INDEX message_slot ON message (customer, contact, slot_time) WHERE slot_time IS NOT NULL;
        CREATE INDEX message_state ON message (state, seq);
        CREATE INDEX message_playbook ON message (playbook, seq) WHERE playbook <> '';
        CREATE TABLE event (
            message INTEGER NOT NULL,
            number INTEGER NOT NULL,
            time INTEGER NOT NULL,
            state INTEGER NOT NULL,
            event TEXT NOT NULL,
            detail TEXT NOT NULL,
            PRIMARY KEY (message, number)
        ) WITHOUT ROWID;
        CREATE TABLE template (
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            hash TEXT NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (name, version)
        ) WITHOUT ROWID;
        CREATE TABLE preference (
            customer TEXT NOT NULL,
            contact TEXT NOT NULL,
            channel INTEGER NOT NULL,
            category TEXT NOT NULL,
            wanted INTEGER NOT NULL,
            PRIMARY KEY (customer, contact, channel, category)
        ) WITHOUT ROWID;
        CREATE TABLE quiet_hours (
            customer TEXT NOT NULL,
            contact TEXT NOT NULL,
            "from" TEXT NOT NULL,
            "to" TEXT NOT NULL,
            PRIMARY KEY (customer, contact)
        ) WITHOUT ROWID;
        CREATE TABLE suppression (
            email TEXT PRIMARY KEY,
            reason TEXT NOT NULL,
            time INTEGER NOT NULL,
            transactional INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE INDEX suppression_time ON suppression (time, email);
        CREATE TABLE outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT, fact BLOB NOT NULL);
        CREATE TABLE mail (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            message TEXT NOT NULL,
            time INTEGER NOT NULL,
            sender TEXT NOT NULL,
            recipient TEXT NOT NULL,
            subject TEXT NOT NULL,
            text TEXT NOT NULL,
            raw BLOB NOT NULL,
            latency INTEGER NOT NULL
        );
        CREATE TABLE inbox (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            customer TEXT NOT NULL,
            contact TEXT NOT NULL,
            message TEXT NOT NULL UNIQUE,
            time INTEGER NOT NULL
        );
        CREATE INDEX inbox_person ON inbox (customer, contact, seq);
        {AppliedRows.Schema}
        CREATE TABLE link_key (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL);
        """,
    ];
}
