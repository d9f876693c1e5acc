-- A row stays when its lease has ended, for the fence; see Store.Sweep.
-- Instants are microseconds since 1970; fences are no smaller than those.
CREATE TABLE lexigram_locks (
    name        BYTEA  NOT NULL PRIMARY KEY,
    owner       BYTEA  NOT NULL,
    fence       BIGINT NOT NULL,
    acquired_at BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX lexigram_locks_expires ON lexigram_locks (expires_at);
