-- Instants are microseconds since 1970; what never expires has the greatest number.
CREATE TABLE lexigram_state (
    key        BLOB   NOT NULL PRIMARY KEY,
    value      BLOB   NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX lexigram_state_expires ON lexigram_state (expires_at) WHERE expires_at < 9223372036854775807;
