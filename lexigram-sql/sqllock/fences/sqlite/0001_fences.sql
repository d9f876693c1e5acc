-- The greatest fence that Guard has let pass for each resource.
CREATE TABLE lexigram_fences (
    resource BLOB   NOT NULL PRIMARY KEY,
    fence    INTEGER NOT NULL
) STRICT;
