-- Which generations a projection has (id: its name), and how far each is (id:
-- its name, a slash and the number).
CREATE TABLE lexigram_projection (
    id       TEXT   NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL,
    entry    BYTEA  NOT NULL
);
