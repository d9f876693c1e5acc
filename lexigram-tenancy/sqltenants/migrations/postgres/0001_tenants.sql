CREATE TABLE lexigram_tenants (
	id       text   COLLATE "C" NOT NULL PRIMARY KEY,
	slug     text   COLLATE "C" NOT NULL UNIQUE, -- "C", so that all databases sort alike
	name     text   NOT NULL,
	status   text   NOT NULL,
	metadata text   NOT NULL, -- a JSON object of strings
	created  bigint NOT NULL  -- microseconds since 1970
);
