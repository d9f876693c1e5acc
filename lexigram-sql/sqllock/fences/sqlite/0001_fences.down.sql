DROP TABLE lexigram_fences;
