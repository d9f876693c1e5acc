DROP TABLE lexigram_projection;
