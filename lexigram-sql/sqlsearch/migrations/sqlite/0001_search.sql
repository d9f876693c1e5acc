CREATE TABLE lexigram_search_indexes (
	number integer PRIMARY KEY,
	name text NOT NULL UNIQUE
);

CREATE TABLE lexigram_search_documents (
	number integer PRIMARY KEY,
	index_number integer NOT NULL REFERENCES lexigram_search_indexes (number),
	id blob NOT NULL,
	attributes text NOT NULL,
	UNIQUE (index_number, id)
);

-- Apart from what every search reads.
CREATE TABLE lexigram_search_texts (
	number integer PRIMARY KEY REFERENCES lexigram_search_documents (number),
	texts text NOT NULL
);

CREATE VIRTUAL TABLE lexigram_search_words USING fts5 (
	a, b, c, d, content = '', contentless_delete = 1, tokenize = 'ascii tokenchars _'
);
