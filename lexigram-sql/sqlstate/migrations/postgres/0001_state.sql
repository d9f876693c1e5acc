-- Instants are microseconds since 1970; what never expires has the greatest number.
CREATE TABLE lexigram_state (
    key        BYTEA  NOT NULL PRIMARY KEY,
    value      BYTEA  NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX lexigram_state_expires ON lexigram_state (expires_at) WHERE expires_at < 9223372036854775807;
