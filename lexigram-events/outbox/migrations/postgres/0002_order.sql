-- The number of the transaction that published: what is below every number in
-- progress is all there, so nothing that commits later comes before it.
ALTER TABLE lexigram_outbox ADD COLUMN xid XID8 NOT NULL DEFAULT pg_current_xact_id();
DROP INDEX lexigram_outbox_unsent;
CREATE INDEX lexigram_outbox_unsent ON lexigram_outbox (xid, seq) WHERE status = 0;
