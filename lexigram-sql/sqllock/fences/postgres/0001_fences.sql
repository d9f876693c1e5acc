-- The greatest fence that Guard has let pass for each resource.
CREATE TABLE lexigram_fences (
    resource BYTEA  NOT NULL PRIMARY KEY,
    fence    BIGINT NOT NULL
);
