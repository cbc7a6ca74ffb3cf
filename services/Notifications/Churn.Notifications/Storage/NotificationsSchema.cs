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
        // What there was is of the default tenant.
        """
        CREATE TABLE message_of_tenant (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant TEXT NOT NULL,
            id TEXT NOT NULL UNIQUE,
            "key" TEXT NOT NULL,
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
            send_time INTEGER,
            shard INTEGER NOT NULL,
            UNIQUE (tenant, "key")
        );
        INSERT INTO message_of_tenant (seq, tenant, id, "key", hash, request, customer, contact, channel, class, category, playbook, run_id, template, template_version, locale, subject, text,
            html, track, state, reason, detail, tries, next_time, handed_over, doubtful, slot_time, create_time, expire_time, send_time, shard)
        SELECT seq, 'default', id, "key", hash, request, customer, contact, channel, class, category, playbook, run_id, template, template_version, locale, subject, text,
            html, track, state, reason, detail, tries, next_time, handed_over, doubtful, slot_time, create_time, expire_time, send_time, 0
        FROM message;
        DROP TABLE message;
        ALTER TABLE message_of_tenant RENAME TO message;
        CREATE INDEX message_due ON message (next_time) WHERE next_time IS NOT NULL;
        CREATE INDEX message_person ON message (tenant, customer, contact, seq);
        CREATE INDEX message_slot ON message (tenant, customer, contact, slot_time) WHERE slot_time IS NOT NULL;
        CREATE INDEX message_state ON message (tenant, state, seq);
        CREATE INDEX message_sending ON message (state, seq);
        CREATE INDEX message_playbook ON message (tenant, playbook, seq) WHERE playbook <> '';
        CREATE INDEX message_tenant ON message (tenant, seq);
        ALTER TABLE event ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
        CREATE TABLE template_of_tenant (
            tenant TEXT NOT NULL,
            name TEXT NOT NULL,
            version INTEGER NOT NULL,
            hash TEXT NOT NULL,
            document TEXT NOT NULL,
            PRIMARY KEY (tenant, name, version)
        ) WITHOUT ROWID;
        INSERT INTO template_of_tenant (tenant, name, version, hash, document) SELECT 'default', name, version, hash, document FROM template;
        DROP TABLE template;
        ALTER TABLE template_of_tenant RENAME TO template;
        CREATE TABLE preference_of_tenant (
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            contact TEXT NOT NULL,
            channel INTEGER NOT NULL,
            category TEXT NOT NULL,
            wanted INTEGER NOT NULL,
            PRIMARY KEY (tenant, customer, contact, channel, category)
        ) WITHOUT ROWID;
        INSERT INTO preference_of_tenant (tenant, customer, contact, channel, category, wanted)
        SELECT 'default', customer, contact, channel, category, wanted FROM preference;
        DROP TABLE preference;
        ALTER TABLE preference_of_tenant RENAME TO preference;
        CREATE TABLE quiet_hours_of_tenant (
            tenant TEXT NOT NULL,
            customer TEXT NOT NULL,
            contact TEXT NOT NULL,
            "from" TEXT NOT NULL,
            "to" TEXT NOT NULL,
            PRIMARY KEY (tenant, customer, contact)
        ) WITHOUT ROWID;
        INSERT INTO quiet_hours_of_tenant (tenant, customer, contact, "from", "to") SELECT 'default', customer, contact, "from", "to" FROM quiet_hours;
        DROP TABLE quiet_hours;
        ALTER TABLE quiet_hours_of_tenant RENAME TO quiet_hours;
        CREATE TABLE suppression_of_tenant (
            tenant TEXT NOT NULL,
            email TEXT NOT NULL,
            reason TEXT NOT NULL,
            time INTEGER NOT NULL,
            transactional INTEGER NOT NULL,
            PRIMARY KEY (tenant, email)
        ) WITHOUT ROWID;
        INSERT INTO suppression_of_tenant (tenant, email, reason, time, transactional) SELECT 'default', email, reason, time, transactional FROM suppression;
        DROP TABLE suppression;
        ALTER TABLE suppression_of_tenant RENAME TO suppression;
        CREATE INDEX suppression_time ON suppression (tenant, time, email);
        ALTER TABLE outbox ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
        ALTER TABLE mail ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
        CREATE INDEX mail_tenant ON mail (tenant, seq);
        ALTER TABLE inbox ADD COLUMN tenant TEXT NOT NULL DEFAULT 'default';
        DROP INDEX inbox_person;
        CREATE INDEX inbox_person ON inbox (tenant, customer, contact, seq);
        """,
    ];
}
