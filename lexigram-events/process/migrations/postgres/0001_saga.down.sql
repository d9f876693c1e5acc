DROP TABLE lexigram_saga;
