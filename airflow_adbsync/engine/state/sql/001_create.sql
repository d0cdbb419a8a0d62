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
    opening           jsonb NOT NULL DEFAULT '[]', -- what lets writes in again on this database, see fence
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
    read_lsn    pg_lsn,                      -- nothing under that snapshot lies behind it in the source's log
    rows        bigint,
    bytes       bigint,
    seconds     double precision,
    loaded_at   timestamptz,
    generation  bigint NOT NULL DEFAULT 0,   -- grows with each load
    claim       bigint NOT NULL DEFAULT 0,   -- a new number with each attempt to load it in chunks
    read_as     text,                        -- the source's definition under which chunks were read
    column_numbers jsonb,                    -- of the source's columns by their names (pg_attribute.attnum)
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

-- What is wrong at present, and was told: a row for as long as it lasts.
CREATE TABLE adbsync.alert (
    sync_id  text NOT NULL,
    kind     text NOT NULL,                  -- lag_bytes, lag_seconds, stalled, slot, verification, failure <task>
    message  text NOT NULL,
    since    timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (sync_id, kind)
);

-- What a phase may spend a second, all its tasks together; null is unlimited. Can be changed while it runs.
-- A paused one carries nothing, whatever its limits.
CREATE TABLE adbsync.throttle (
    sync_id   text NOT NULL,
    phase     text NOT NULL,
    queries   double precision,
    rows      double precision,
    bytes     double precision,
    earned_at timestamptz NOT NULL DEFAULT clock_timestamp(),  -- from when on what was spent is earned
    paused    boolean NOT NULL DEFAULT false,
    PRIMARY KEY (sync_id, phase)
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

-- Keys and indexes that can be built as soon as their table is loaded; finish_schema builds what is left.
CREATE TABLE adbsync.build (
    sync_id     text NOT NULL,
    object      text NOT NULL,               -- as in adbsync.statement, which tells whether it is done
    schema_name text NOT NULL,
    table_name  text NOT NULL,               -- the target's table
    place       integer NOT NULL,            -- keys come before indexes
    is_key      boolean NOT NULL,            -- locks the table for everybody else
    sql         text NOT NULL,
    PRIMARY KEY (sync_id, object)
);
CREATE INDEX ON adbsync.build (sync_id, schema_name, table_name);

-- Tables that were on the target before the sync: their rows are not the sync's to remove.
CREATE TABLE adbsync.kept_table (
    sync_id     text NOT NULL,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    taken_over  boolean NOT NULL DEFAULT false,  -- emptied by the load: by now they are
    PRIMARY KEY (sync_id, schema_name, table_name)
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

-- The last errors of phases, kept when a phase runs again.
CREATE TABLE adbsync.failure (
    sync_id   text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    phase     text NOT NULL,
    message   text NOT NULL
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
    source_checksum text NOT NULL,           -- both are the same if all rows are
    target_checksum text NOT NULL,
    mode            text NOT NULL DEFAULT 'full',
    compared        bigint NOT NULL DEFAULT 0,          -- rows of the source
    differing       bigint NOT NULL DEFAULT 0,          -- rows that are on both sides, with other values
    missing_on_target bigint NOT NULL DEFAULT 0,
    missing_on_source bigint NOT NULL DEFAULT 0,
    unsettled       bigint NOT NULL DEFAULT 0,          -- rows that never stood still, or waited in vain
    repaired        bigint NOT NULL DEFAULT 0,          -- rows that differed, and do no longer
    keys            jsonb NOT NULL DEFAULT '[]',        -- the first of these rows: [kind, key, repaired]
    seconds         double precision NOT NULL DEFAULT 0,
    verified_at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (sync_id, schema_name, table_name)
);

-- A verification on its way: what it has cut the tables into, so that another attempt can go on.
CREATE TABLE adbsync.verification_portion (
    sync_id     text NOT NULL,
    schema_name text NOT NULL,
    table_name  text NOT NULL,
    number      int NOT NULL,
    run         text NOT NULL,
    lower       text[],                      -- key of the first row; null from the beginning
    upper       text[],                      -- key behind the last row; null to the end
    percent     int NOT NULL,
    estimate    bigint NOT NULL,             -- of its rows
    rows        bigint,                      -- once it was found to be equal
    checksum    text,
    PRIMARY KEY (sync_id, schema_name, table_name, number)
);

-- The latest comparison of what is not rows: columns, indexes, constraints, sequences, what views give.
CREATE TABLE adbsync.verification_object (
    sync_id     text NOT NULL,
    kind        text NOT NULL,
    object      text NOT NULL,
    problem     text NOT NULL,
    source      text NOT NULL,
    target      text NOT NULL,
    verified_at timestamptz NOT NULL DEFAULT now()
);

-- A cut-over under way or made: what keeps writes out of the source, and how to undo exactly that.
CREATE TABLE adbsync.fence (
    sync_id     text PRIMARY KEY,
    kind        text NOT NULL,               -- none, read_only, revoke
    undo        jsonb NOT NULL,              -- statements for the source, in order: [role or null, sql]
    sequences   jsonb NOT NULL DEFAULT '[]', -- where the target's stood: [name, last_value, is_called]
    fenced_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    final_lsn   pg_lsn,                      -- null until nobody can write any more
    switched_at timestamptz,                 -- from here on the target takes the writes
    aborted_at  timestamptz                  -- an abort has begun; until it has ended, nothing else may go on
);

-- What people have asked of a sync.
CREATE TABLE adbsync.action (
    sync_id  text NOT NULL,
    done_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor    text NOT NULL,                  -- the user, as Airflow knows them
    action   text NOT NULL,                  -- e.g. stop
    detail   text NOT NULL DEFAULT ''
);
