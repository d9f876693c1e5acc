-- A row for each version of a secret; the greatest seq of a name is the current one.
-- sealed is encrypted for its name and version. created_at is microseconds since 1970.
CREATE TABLE lexigram_secrets (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT    NOT NULL,
    version    TEXT    NOT NULL UNIQUE,
    sealed     BLOB    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX lexigram_secrets_name ON lexigram_secrets (name, seq);
