-- Instances of sagas. Instants are microseconds since 1970. kind: the saga and
-- its version. due_at: when a worker should look at it, NULL if never.
CREATE TABLE lexigram_saga (
    id         TEXT   NOT NULL PRIMARY KEY,
    revision   BIGINT NOT NULL,
    saga       TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    status     TEXT   NOT NULL,
    due_at     BIGINT,
    began_at   BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    record     BYTEA  NOT NULL
);
CREATE INDEX lexigram_saga_due ON lexigram_saga (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX lexigram_saga_open ON lexigram_saga (began_at, id) WHERE status NOT IN ('completed', 'compensated');
CREATE INDEX lexigram_saga_ended ON lexigram_saga (changed_at) WHERE status IN ('completed', 'compensated');
