CREATE TABLE lexigram_search_indexes (
	number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	name text COLLATE "C" NOT NULL UNIQUE
);

-- Ranking reads words of every match: they stay beside their row, uncompressed, if they fit.
CREATE TABLE lexigram_search_documents (
	index_number bigint NOT NULL REFERENCES lexigram_search_indexes (number),
	id bytea NOT NULL,
	texts text NOT NULL,
	attributes jsonb NOT NULL,
	words tsvector NOT NULL,
	PRIMARY KEY (index_number, id)
) WITH (toast_tuple_target = 4080);

ALTER TABLE lexigram_search_documents ALTER COLUMN words SET STORAGE EXTERNAL;

CREATE INDEX lexigram_search_documents_words ON lexigram_search_documents USING gin (words);

CREATE INDEX lexigram_search_documents_attributes ON lexigram_search_documents USING gin (attributes jsonb_path_ops);
