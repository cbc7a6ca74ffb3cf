-- What metrics keeps: the facts by customer, use by day, what time brings about, and the log of signals.
-- Times are microseconds since 1970-01-01T00:00Z. Texts compare by their bytes, as they do in a file.

CREATE TABLE lease (
    shard bigint PRIMARY KEY,
    owner text COLLATE "C" NOT NULL,
    term bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE lease_owner (
    owner text COLLATE "C" PRIMARY KEY,
    address text COLLATE "C" NOT NULL,
    expires_at bigint NOT NULL
);
CREATE TABLE fact (
    shard bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    "offset" bigint NOT NULL,
    record_time bigint NOT NULL,
    fact bytea NOT NULL,
    PRIMARY KEY (shard, tenant, customer, "offset")
);
CREATE TABLE applied (shard bigint PRIMARY KEY, "offset" bigint NOT NULL, hash bytea NOT NULL);
CREATE TABLE quarantine (
    shard bigint NOT NULL,
    "offset" bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    record_time bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    record bytea NOT NULL,
    PRIMARY KEY (shard, "offset")
);
CREATE TABLE silent (shard bigint PRIMARY KEY, "offset" bigint NOT NULL);
CREATE TABLE usage (
    shard bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    day bigint NOT NULL,
    meter text COLLATE "C" NOT NULL,
    quantity bigint NOT NULL,
    first bigint NOT NULL,
    last bigint NOT NULL,
    record_time bigint NOT NULL,
    fact bytea NOT NULL,
    PRIMARY KEY (shard, tenant, customer, day, meter)
);
CREATE TABLE due (
    shard bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    customer text COLLATE "C" NOT NULL,
    facts bigint,
    usage bigint,
    at bigint NOT NULL,
    PRIMARY KEY (shard, tenant, customer)
);
CREATE INDEX due_at ON due (shard, at);
CREATE TABLE signals_log (
    shard bigint NOT NULL,
    last_offset bigint NOT NULL,
    count bigint NOT NULL,
    record_time bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    records bytea NOT NULL,
    PRIMARY KEY (shard, last_offset)
);
CREATE TABLE signals_shard (
    shard bigint PRIMARY KEY,
    last_offset bigint NOT NULL,
    closed_time bigint NOT NULL,
    hash bytea NOT NULL
);

INSERT INTO signals_shard SELECT shard, 0, 0, decode(repeat('00', 16), 'hex') FROM generate_series(0, 31) AS shard;
INSERT INTO lease SELECT shard, '', 0, 0 FROM generate_series(0, 31) AS shard;

-- A call shows its own tenant's rows alone, whatever its SQL says; "*" is the service's own work.
ALTER TABLE fact ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON fact USING (current_setting('churn.tenant', true) IN (tenant, '*'));
ALTER TABLE quarantine ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON quarantine USING (current_setting('churn.tenant', true) IN (tenant, '*'));
ALTER TABLE usage ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON usage USING (current_setting('churn.tenant', true) IN (tenant, '*'));
ALTER TABLE due ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON due USING (current_setting('churn.tenant', true) IN (tenant, '*'));
ALTER TABLE signals_log ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON signals_log USING (current_setting('churn.tenant', true) IN (tenant, '*'));
