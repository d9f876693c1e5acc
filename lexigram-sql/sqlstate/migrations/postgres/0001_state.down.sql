DROP TABLE lexigram_state;
