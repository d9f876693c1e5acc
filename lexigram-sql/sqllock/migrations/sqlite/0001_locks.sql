-- A row stays when its lease has ended, for the fence; see Store.Sweep.
-- Instants are microseconds since 1970; fences are no smaller than those.
CREATE TABLE lexigram_locks (
    name        BLOB   NOT NULL PRIMARY KEY,
    owner       BLOB   NOT NULL,
    fence       INTEGER NOT NULL,
    acquired_at INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX lexigram_locks_expires ON lexigram_locks (expires_at);
