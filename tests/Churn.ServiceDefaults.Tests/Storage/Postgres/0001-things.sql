-- What the tests of storage and streams keep.

CREATE TABLE thing (
    tenant text COLLATE "C" NOT NULL,
    id bigint NOT NULL,
    name text COLLATE "C",
    content bytea,
    PRIMARY KEY (tenant, id)
);
CREATE TABLE counter (id bigint PRIMARY KEY, value bigint NOT NULL);
CREATE TABLE things_log (
    shard bigint NOT NULL,
    last_offset bigint NOT NULL,
    count bigint NOT NULL,
    record_time bigint NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    hash bytea NOT NULL,
    records bytea NOT NULL,
    PRIMARY KEY (shard, last_offset)
);
CREATE TABLE things_shard (shard bigint PRIMARY KEY, last_offset bigint NOT NULL, closed_time bigint NOT NULL, hash bytea NOT NULL);
INSERT INTO things_shard SELECT shard, 0, 0, decode(repeat('00', 16), 'hex') FROM generate_series(0, 31) AS shard;
CREATE TABLE lease (shard bigint PRIMARY KEY, owner text COLLATE "C" NOT NULL, term bigint NOT NULL, expires_at bigint NOT NULL);
INSERT INTO lease SELECT shard, '', 0, 0 FROM generate_series(0, 31) AS shard;
CREATE TABLE lease_owner (owner text COLLATE "C" PRIMARY KEY, address text COLLATE "C" NOT NULL, expires_at bigint NOT NULL);
CREATE TABLE applied (shard bigint PRIMARY KEY, "offset" bigint NOT NULL, hash bytea NOT NULL);
ALTER TABLE thing ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON thing USING (current_setting('churn.tenant', true) IN (tenant, '*'));
