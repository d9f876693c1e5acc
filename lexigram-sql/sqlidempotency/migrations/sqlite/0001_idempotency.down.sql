DROP TABLE lexigram_idempotency;
