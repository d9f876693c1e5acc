DROP TABLE lexigram_event;
