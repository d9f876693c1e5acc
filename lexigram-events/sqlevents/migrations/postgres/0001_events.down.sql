DROP TABLE lexigram_event_queue_claim;
DROP TABLE lexigram_event_queue;
DROP TABLE lexigram_event_consumers;
DROP TABLE lexigram_event_groups;
DROP TABLE lexigram_event_version;
