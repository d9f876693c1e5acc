-- A row for each version of a secret; the greatest seq of a name is the current one.
-- sealed is encrypted for its name and version. created_at is microseconds since 1970.
CREATE TABLE lexigram_secrets (
    seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    version    TEXT COLLATE "C" NOT NULL UNIQUE,
    sealed     BYTEA            NOT NULL,
    created_at BIGINT           NOT NULL
);
CREATE INDEX lexigram_secrets_name ON lexigram_secrets (name, seq);
