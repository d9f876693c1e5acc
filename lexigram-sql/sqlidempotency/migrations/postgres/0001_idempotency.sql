-- status: 0 pending, 1 complete. Instants are microseconds since 1970.
CREATE TABLE lexigram_idempotency (
    key         BYTEA    NOT NULL PRIMARY KEY,
    token       BYTEA    NOT NULL,
    fingerprint BYTEA    NOT NULL,
    status      SMALLINT NOT NULL,
    result      BYTEA    NOT NULL,
    created_at  BIGINT   NOT NULL,
    expires_at  BIGINT   NOT NULL
);
CREATE INDEX lexigram_idempotency_expires ON lexigram_idempotency (expires_at);
