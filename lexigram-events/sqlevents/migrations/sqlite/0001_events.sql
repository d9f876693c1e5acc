-- One row: the number of the set of groups. It grows when a group comes, goes
-- or changes, so that publishers see that what they know is old.
CREATE TABLE lexigram_event_version (
    id      INTEGER PRIMARY KEY,
    version INTEGER NOT NULL
);
INSERT INTO lexigram_event_version (id, version) VALUES (1, 1);

-- name: '' is the group of one consumer, or one that has gone. ready: 0 while
-- what the bus has kept is not yet in its queue. Group 0 has no row.
CREATE TABLE lexigram_event_groups (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    name         TEXT    NOT NULL,
    subscription TEXT    NOT NULL,
    ready        INTEGER NOT NULL,
    gone_at      INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX lexigram_event_groups_name ON lexigram_event_groups (name) WHERE name <> '';

CREATE TABLE lexigram_event_consumers (
    id          TEXT    PRIMARY KEY,
    group_id    INTEGER NOT NULL,
    alive_until INTEGER NOT NULL
);
CREATE INDEX lexigram_event_consumers_group ON lexigram_event_consumers (group_id);

-- A row for each group and event that it gets, and one of group 0 for each
-- event that is kept. status: 0 waits, 1 done, 2 dead. Instants are
-- microseconds since 1970. hold_until: a row that waits is claimed (it has an
-- owner) or is due for another attempt (it has none) then.
CREATE TABLE lexigram_event_queue (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id       INTEGER NOT NULL,
    tenant         TEXT    NOT NULL,
    source         TEXT    NOT NULL,
    id             TEXT    NOT NULL,
    event_type     TEXT    NOT NULL,
    event_key      TEXT    NOT NULL,
    occurred_at    INTEGER NOT NULL,
    schema_version INTEGER NOT NULL,
    media_type     TEXT    NOT NULL,
    headers        TEXT    NOT NULL,
    data           BLOB,
    status         INTEGER NOT NULL DEFAULT 0,
    attempts       INTEGER NOT NULL DEFAULT 0,
    hold_until     INTEGER NOT NULL DEFAULT 0,
    owner          TEXT    NOT NULL DEFAULT '',
    reason         TEXT    NOT NULL DEFAULT '',
    created_at     INTEGER NOT NULL,
    settled_at     INTEGER NOT NULL DEFAULT 0,
    UNIQUE (group_id, tenant, source, id)
);
CREATE INDEX lexigram_event_queue_waits ON lexigram_event_queue (group_id, seq) WHERE status = 0;
CREATE INDEX lexigram_event_queue_held ON lexigram_event_queue (group_id, hold_until) WHERE status = 0 AND hold_until > 0;
CREATE INDEX lexigram_event_queue_owned ON lexigram_event_queue (owner) WHERE owner <> '';
CREATE INDEX lexigram_event_queue_settled ON lexigram_event_queue (status, settled_at) WHERE status <> 0;

-- A row for each group, which serializes its claims.
CREATE TABLE lexigram_event_queue_claim (
    id     INTEGER PRIMARY KEY,
    claims INTEGER NOT NULL
);
