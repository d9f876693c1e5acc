DROP TABLE lexigram_audit;
