-- One row for each event. Instants are microseconds since 1970. The order of
-- all events is (epoch, txn, seq): txn is the number of the transaction that
-- appended, or that of the event before it in its stream if that is greater, so
-- that an event shows when every transaction below txn has ended, and stands
-- behind the one before it.
CREATE TABLE lexigram_event (
    stream         TEXT     NOT NULL,
    version        BIGINT   NOT NULL,
    epoch          BIGINT   NOT NULL,
    txn            BIGINT   NOT NULL,
    seq            BIGINT GENERATED ALWAYS AS IDENTITY,
    tenant         TEXT     NOT NULL,
    source         TEXT     NOT NULL,
    id             TEXT     NOT NULL,
    event_type     TEXT     NOT NULL,
    event_key      TEXT     NOT NULL,
    occurred_at    BIGINT   NOT NULL,
    schema_version BIGINT   NOT NULL,
    media_type     TEXT     NOT NULL,
    headers        TEXT     NOT NULL,
    data           BYTEA,
    PRIMARY KEY (stream, version)
);
CREATE UNIQUE INDEX lexigram_event_order ON lexigram_event (epoch, txn, seq);

-- One row for each history of transaction numbers that the events were in: the
-- server's identifier and the timeline of its log. A dump that is restored
-- elsewhere, and a backup that takes the place of what came after it, are of
-- another history than what is appended then.
CREATE TABLE lexigram_event_epoch (
    epoch   BIGINT PRIMARY KEY,
    history TEXT NOT NULL UNIQUE
);
INSERT INTO lexigram_event_epoch (epoch, history)
SELECT 1, (SELECT CAST(system_identifier AS TEXT) FROM pg_control_system()) || '/' || SUBSTR(pg_walfile_name(pg_current_wal_lsn()), 1, 8);
