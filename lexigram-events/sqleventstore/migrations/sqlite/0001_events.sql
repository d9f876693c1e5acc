-- One row for each event. Instants are microseconds since 1970. There is one
-- writer, so seq is the order of commits; AUTOINCREMENT gives no number twice.
CREATE TABLE lexigram_event (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    stream         TEXT     NOT NULL,
    version        INTEGER  NOT NULL,
    tenant         TEXT     NOT NULL,
    source         TEXT     NOT NULL,
    id             TEXT     NOT NULL,
    event_type     TEXT     NOT NULL,
    event_key      TEXT     NOT NULL,
    occurred_at    INTEGER  NOT NULL,
    schema_version INTEGER  NOT NULL,
    media_type     TEXT     NOT NULL,
    headers        TEXT     NOT NULL,
    data           BLOB,
    UNIQUE (stream, version)
);
