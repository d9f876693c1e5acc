-- status: 0 unsent, 1 sent, 2 dead. Instants are microseconds since 1970.
-- hold_until: an unsent row is claimed (it has an owner) or waits for another
-- attempt (it has none) until then.
-- xid: the number of the transaction that published. What is below every number
-- in progress is all there, so nothing that commits later comes before it.
CREATE TABLE lexigram_outbox (
    seq            BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
    status         SMALLINT NOT NULL DEFAULT 0,
    attempts       INTEGER  NOT NULL DEFAULT 0,
    hold_until     BIGINT   NOT NULL DEFAULT 0,
    owner          TEXT     NOT NULL DEFAULT '',
    reason         TEXT     NOT NULL DEFAULT '',
    created_at     BIGINT   NOT NULL,
    settled_at     BIGINT   NOT NULL DEFAULT 0,
    xid            XID8     NOT NULL DEFAULT pg_current_xact_id(),
    UNIQUE (tenant, source, id)
);
CREATE INDEX lexigram_outbox_unsent ON lexigram_outbox (xid, seq) WHERE status = 0;
CREATE INDEX lexigram_outbox_held ON lexigram_outbox (hold_until) WHERE status = 0 AND hold_until > 0;
CREATE INDEX lexigram_outbox_owned ON lexigram_outbox (owner) WHERE owner <> '';
CREATE INDEX lexigram_outbox_settled ON lexigram_outbox (status, settled_at) WHERE status <> 0;

-- One row, which serializes claims.
CREATE TABLE lexigram_outbox_claim (
    id     SMALLINT PRIMARY KEY,
    claims BIGINT   NOT NULL
);
INSERT INTO lexigram_outbox_claim (id, claims) VALUES (1, 0);

CREATE TABLE lexigram_inbox (
    consumer   TEXT   NOT NULL,
    tenant     TEXT   NOT NULL,
    source     TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    handled_at BIGINT NOT NULL,
    PRIMARY KEY (consumer, tenant, source, id)
);
CREATE INDEX lexigram_inbox_handled ON lexigram_inbox (handled_at);
