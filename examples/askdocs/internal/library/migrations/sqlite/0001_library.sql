CREATE TABLE askdocs_documents (
	tenant  TEXT NOT NULL,
	path    TEXT NOT NULL,
	version TEXT NOT NULL,
	blob    TEXT NOT NULL,
	title   TEXT NOT NULL,
	size    INTEGER NOT NULL,
	status  TEXT NOT NULL,
	reason  TEXT NOT NULL,
	chunks  INTEGER NOT NULL,
	updated TEXT NOT NULL,
	PRIMARY KEY (tenant, path)
);

CREATE TABLE askdocs_chunks (
	tenant  TEXT NOT NULL,
	id      TEXT NOT NULL,
	path    TEXT NOT NULL,
	version TEXT NOT NULL,
	place   INTEGER NOT NULL,
	anchor  TEXT NOT NULL,
	title   TEXT NOT NULL,
	body    TEXT NOT NULL,
	code    TEXT NOT NULL,
	PRIMARY KEY (tenant, id)
);

CREATE INDEX askdocs_chunks_path ON askdocs_chunks (tenant, path, version);

CREATE TABLE askdocs_imports (
	tenant  TEXT NOT NULL,
	source  TEXT NOT NULL,
	version TEXT NOT NULL,
	PRIMARY KEY (tenant, source)
);

CREATE TABLE askdocs_keys (
	tenant TEXT NOT NULL PRIMARY KEY,
	hash   TEXT NOT NULL
);

-- Uploads whose bytes may be stored and whose document is not yet recorded.
CREATE TABLE askdocs_uploads (
	tenant   TEXT NOT NULL,
	blob     TEXT NOT NULL,
	path     TEXT NOT NULL,
	replaces TEXT NOT NULL,
	PRIMARY KEY (tenant, blob)
);

-- Counts the changes of what a tenant's questions may find.
CREATE TABLE askdocs_revisions (
	tenant   TEXT NOT NULL PRIMARY KEY,
	revision INTEGER NOT NULL
);
