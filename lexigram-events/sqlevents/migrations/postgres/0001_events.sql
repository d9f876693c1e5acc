-- One row: the number of the set of groups. It grows when a group comes, goes
-- or changes, so that publishers see that what they know is old.
CREATE TABLE lexigram_event_version (
    id      BIGINT  PRIMARY KEY,
    version BIGINT  NOT NULL
);
INSERT INTO lexigram_event_version (id, version) VALUES (1, 1);

-- name: '' is the group of one consumer, or one that has gone. ready: 0 while
-- what the bus has kept is not yet in its queue. Group 0 has no row.
CREATE TABLE lexigram_event_groups (
    id           BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         TEXT    NOT NULL,
    subscription TEXT    NOT NULL,
    ready        BIGINT  NOT NULL,
    gone_at      BIGINT  NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX lexigram_event_groups_name ON lexigram_event_groups (name) WHERE name <> '';

CREATE TABLE lexigram_event_consumers (
    id          TEXT    PRIMARY KEY,
    group_id    BIGINT  NOT NULL,
    alive_until BIGINT  NOT NULL
);
CREATE INDEX lexigram_event_consumers_group ON lexigram_event_consumers (group_id);

-- A row for each group and event that it gets, and one of group 0 for each
-- event that is kept. xid: the number of the transaction that published; what
-- is below every number in progress is all there, so nothing that commits later
-- comes before it. status: 0 waits, 1 done, 2 dead. Instants are
-- microseconds since 1970. hold_until: a row that waits is claimed (it has an
-- owner) or is due for another attempt (it has none) then.
CREATE TABLE lexigram_event_queue (
    seq            BIGINT  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    group_id       BIGINT  NOT NULL,
    tenant         TEXT    NOT NULL,
    source         TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    event_type     TEXT    NOT NULL,
    event_key      TEXT    NOT NULL,
    occurred_at    BIGINT  NOT NULL,
    schema_version BIGINT  NOT NULL,
    media_type     TEXT    NOT NULL,
    headers        TEXT    NOT NULL,
    data           BYTEA,
    status         BIGINT  NOT NULL DEFAULT 0,
    attempts       BIGINT  NOT NULL DEFAULT 0,
    hold_until     BIGINT  NOT NULL DEFAULT 0,
    owner          TEXT    NOT NULL DEFAULT '',
    reason         TEXT    NOT NULL DEFAULT '',
    created_at     BIGINT  NOT NULL,
    settled_at     BIGINT  NOT NULL DEFAULT 0,
    xid            XID8    NOT NULL DEFAULT pg_current_xact_id(),
    UNIQUE (group_id, tenant, source, id)
);
CREATE INDEX lexigram_event_queue_waits ON lexigram_event_queue (group_id, xid, seq) WHERE status = 0;
CREATE INDEX lexigram_event_queue_held ON lexigram_event_queue (group_id, hold_until) WHERE status = 0 AND hold_until > 0;
CREATE INDEX lexigram_event_queue_owned ON lexigram_event_queue (owner) WHERE owner <> '';
CREATE INDEX lexigram_event_queue_settled ON lexigram_event_queue (status, settled_at) WHERE status <> 0;

-- A row for each group, which serializes its claims.
CREATE TABLE lexigram_event_queue_claim (
    id     BIGINT  PRIMARY KEY,
    claims BIGINT  NOT NULL
);
