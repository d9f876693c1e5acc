CREATE TABLE lexigram_tenants (
	id       TEXT    NOT NULL PRIMARY KEY,
	slug     TEXT    NOT NULL UNIQUE,
	name     TEXT    NOT NULL,
	status   TEXT    NOT NULL,
	metadata TEXT    NOT NULL, -- a JSON object of strings
	created  INTEGER NOT NULL  -- microseconds since 1970
) STRICT;
