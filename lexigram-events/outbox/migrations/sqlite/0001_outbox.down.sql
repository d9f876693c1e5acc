DROP TABLE lexigram_inbox;
DROP TABLE lexigram_outbox_claim;
DROP TABLE lexigram_outbox;
