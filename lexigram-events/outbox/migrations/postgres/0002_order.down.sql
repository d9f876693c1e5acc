DROP INDEX lexigram_outbox_unsent;
ALTER TABLE lexigram_outbox DROP COLUMN xid;
CREATE INDEX lexigram_outbox_unsent ON lexigram_outbox (seq) WHERE status = 0;
