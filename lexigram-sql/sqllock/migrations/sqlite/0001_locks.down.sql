DROP TABLE lexigram_locks;
