DROP TABLE lexigram_event_epoch;
DROP TABLE lexigram_event;
