-- status: 0 pending, 1 complete. Instants are microseconds since 1970.
CREATE TABLE lexigram_idempotency (
    key         BLOB     NOT NULL PRIMARY KEY,
    token       BLOB     NOT NULL,
    fingerprint BLOB     NOT NULL,
    status      INTEGER  NOT NULL,
    result      BLOB     NOT NULL,
    created_at  INTEGER  NOT NULL,
    expires_at  INTEGER  NOT NULL
) STRICT;
CREATE INDEX lexigram_idempotency_expires ON lexigram_idempotency (expires_at);
