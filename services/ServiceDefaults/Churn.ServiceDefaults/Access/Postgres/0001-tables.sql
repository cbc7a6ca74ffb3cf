-- Who may call: tenants, their keys, what administrators did, and how much of a month's quota is used.
-- Times are microseconds since 1970-01-01T00:00Z. Texts compare by their bytes, as they do in a file.

CREATE TABLE tenant (
    id text COLLATE "C" PRIMARY KEY,
    name text COLLATE "C" NOT NULL,
    spread bigint NOT NULL,
    create_time bigint NOT NULL,
    calls_per_second bigint NOT NULL,
    facts_per_second bigint NOT NULL,
    facts_per_month bigint NOT NULL
);
CREATE TABLE api_key (
    id text COLLATE "C" PRIMARY KEY,
    tenant text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    scopes text COLLATE "C" NOT NULL,
    label text COLLATE "C" NOT NULL,
    create_time bigint NOT NULL,
    expire_time bigint,
    revoke_time bigint,
    last_use_time bigint
);
CREATE INDEX api_key_tenant ON api_key (tenant, id);
CREATE TABLE audit (
    id bigint PRIMARY KEY,
    time bigint NOT NULL,
    actor text COLLATE "C" NOT NULL,
    action text COLLATE "C" NOT NULL,
    subject text COLLATE "C" NOT NULL,
    detail text COLLATE "C" NOT NULL
);
CREATE INDEX audit_subject ON audit (subject, id);
CREATE TABLE usage_month (
    tenant text COLLATE "C" NOT NULL,
    month text COLLATE "C" NOT NULL,
    facts bigint NOT NULL,
    PRIMARY KEY (tenant, month)
);

-- What was done stays, whatever a program's SQL says.
CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''The audit log is only added to.''; END';
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_stays();
