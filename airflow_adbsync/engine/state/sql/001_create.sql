-- The control schema, version 1. One row in `sync` for each sync that ends on this database.

CREATE TABLE adbsync.version (
    version     int NOT NULL,
    upgraded_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE adbsync.sync (
    sync_id           text PRIMARY KEY,
    config            jsonb NOT NULL,
    slot_name         text NOT NULL,
    system_identifier text NOT NULL,
    timeline          int NOT NULL,
    source_database   text NOT NULL,
    start_lsn         pg_lsn,               -- null until the slot stands
    created_at        timestamptz NOT NULL DEFAULT now()
);

-- Written in the transaction that applies the changes it stands for.
CREATE TABLE adbsync.progress (
    sync_id           text PRIMARY KEY,
    lsn               pg_lsn NOT NULL,       -- end of the last applied transaction's commit record
    commit_time       timestamptz,           -- of that transaction, by the source's clock
    applied_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    owner             text NOT NULL DEFAULT '',
    epoch             bigint NOT NULL DEFAULT 0,
    transactions      bigint NOT NULL DEFAULT 0,
    changes           bigint NOT NULL DEFAULT 0,
    stop_at           pg_lsn,                -- a request: stop once this is applied
    last_error        text
);

CREATE TABLE adbsync.relation (
    sync_id     text NOT NULL,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    snapshot    text,                        -- under which the rows were read; null until loaded
    rows        bigint,
    bytes       bigint,
    seconds     double precision,
    loaded_at   timestamptz,
    generation  bigint NOT NULL DEFAULT 0,   -- grows with each load
    claim       bigint NOT NULL DEFAULT 0,   -- a new number with each attempt to load it in chunks
    read_as     text,                        -- the source's definition under which chunks were read
    -- Written in the transaction that applies the changes, like the progress.
    changed_lsn  pg_lsn,                     -- end of the last commit that changed rows here; null before one did
    changed_rows bigint NOT NULL DEFAULT 0,  -- rows that replication has touched here, all commits together
    conflicts   bigint NOT NULL DEFAULT 0,   -- rows that were missing or in the way, and were put up with
    PRIMARY KEY (sync_id, schema_name, table_name)
);

-- A large table's load. All chunks that are loaded show the table as one snapshot saw it.
CREATE TABLE adbsync.chunk (
    sync_id     text NOT NULL,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    number      int NOT NULL,
    condition   text NOT NULL,               -- which of the source's rows
    snapshot    text,                        -- null until its rows are committed
    rows        bigint,
    bytes       bigint,
    seconds     double precision,
    loaded_at   timestamptz,
    PRIMARY KEY (sync_id, schema_name, table_name, number)
);

-- Up to where a table's changes were announced as asset events, and by which run; what is `before` counts
-- when that run is tried again.
CREATE TABLE adbsync.announcement (
    sync_id     text NOT NULL,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    run         text NOT NULL,
    lsn         pg_lsn,
    rows        bigint NOT NULL,             -- adbsync.relation.changed_rows then
    before_lsn  pg_lsn,
    before_rows bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (sync_id, schema_name, table_name)
);

CREATE TABLE adbsync.replica_identity (
    sync_id     text NOT NULL,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    before      text NOT NULL,               -- pg_class.relreplident as it was found
    before_index text,
    after       text NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sync_id, schema_name, table_name)
);

CREATE TABLE adbsync.statement (
    sync_id    text NOT NULL,
    object     text NOT NULL,                -- what it makes, e.g. index public.orders_pkey
    sql        text NOT NULL,
    done_at    timestamptz,
    error      text,
    PRIMARY KEY (sync_id, object)
);

CREATE TABLE adbsync.finding (
    sync_id    text NOT NULL,
    check_name text NOT NULL,
    subject    text NOT NULL,
    status     text NOT NULL,
    found      text NOT NULL,
    remedy     text NOT NULL,
    found_at   timestamptz NOT NULL DEFAULT now(),
    acknowledged_by text,                    -- an alert's only
    acknowledged_at timestamptz
);

CREATE TABLE adbsync.phase (
    sync_id     text NOT NULL,
    phase       text NOT NULL,
    state       text NOT NULL,               -- running, done, failed
    started_at  timestamptz NOT NULL,
    finished_at timestamptz,
    message     text,
    PRIMARY KEY (sync_id, phase)
);

CREATE TABLE adbsync.lag_sample (
    sync_id     text NOT NULL,
    sampled_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    lag_bytes   bigint NOT NULL,
    lag_seconds double precision NOT NULL,
    retained_bytes bigint,
    source_lsn  pg_lsn,                      -- where the source's log ended then
    changes     bigint                       -- applied by then, as in progress
);
CREATE INDEX lag_sample_sync_id_sampled_at ON adbsync.lag_sample (sync_id, sampled_at);

CREATE TABLE adbsync.verification (
    sync_id         text NOT NULL,
    schema_name     text NOT NULL,
    table_name      text NOT NULL,
    source_rows     bigint NOT NULL,
    target_rows     bigint NOT NULL,
    source_checksum text NOT NULL,
    target_checksum text NOT NULL,
    verified_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sync_id, schema_name, table_name)
);

-- What people have asked of a sync.
CREATE TABLE adbsync.action (
    sync_id  text NOT NULL,
    done_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor    text NOT NULL,                  -- the user, as Airflow knows them
    action   text NOT NULL,                  -- e.g. stop
    detail   text NOT NULL DEFAULT ''
);
