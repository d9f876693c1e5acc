DROP TABLE lexigram_secrets;
