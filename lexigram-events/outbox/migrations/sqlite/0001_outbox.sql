-- status: 0 unsent, 1 sent, 2 dead. Instants are microseconds since 1970.
-- hold_until: an unsent row is claimed (it has an owner) or waits for another
-- attempt (it has none) until then.
CREATE TABLE lexigram_outbox (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT     NOT NULL,
    source         TEXT     NOT NULL,
    id             TEXT     NOT NULL,
    event_type     TEXT     NOT NULL,
    event_key      TEXT     NOT NULL,
    occurred_at    INTEGER  NOT NULL,
    schema_version INTEGER  NOT NULL,
    media_type     TEXT     NOT NULL,
    headers        TEXT     NOT NULL,
    data           BLOB,
    status         INTEGER  NOT NULL DEFAULT 0,
    attempts       INTEGER  NOT NULL DEFAULT 0,
    hold_until     INTEGER  NOT NULL DEFAULT 0,
    owner          TEXT     NOT NULL DEFAULT '',
    reason         TEXT     NOT NULL DEFAULT '',
    created_at     INTEGER  NOT NULL,
    settled_at     INTEGER  NOT NULL DEFAULT 0,
    UNIQUE (tenant, source, id)
);
CREATE INDEX lexigram_outbox_unsent ON lexigram_outbox (seq) WHERE status = 0;
CREATE INDEX lexigram_outbox_held ON lexigram_outbox (hold_until) WHERE status = 0 AND hold_until > 0;
CREATE INDEX lexigram_outbox_owned ON lexigram_outbox (owner) WHERE owner <> '';
CREATE INDEX lexigram_outbox_settled ON lexigram_outbox (status, settled_at) WHERE status <> 0;

-- One row, which serializes claims.
CREATE TABLE lexigram_outbox_claim (
    id     INTEGER PRIMARY KEY,
    claims INTEGER  NOT NULL
);
INSERT INTO lexigram_outbox_claim (id, claims) VALUES (1, 0);

CREATE TABLE lexigram_inbox (
    consumer   TEXT   NOT NULL,
    tenant     TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    handled_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, tenant, source, id)
);
CREATE INDEX lexigram_inbox_handled ON lexigram_inbox (handled_at);
