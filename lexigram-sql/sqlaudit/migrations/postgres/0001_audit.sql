-- Entries are only added, and those that expire deleted. Instants are microseconds since 1970.
CREATE TABLE lexigram_audit (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY, -- "C", so that all databases sort alike
    occurred_at     BIGINT NOT NULL,
    action          TEXT   NOT NULL,
    actor           TEXT   NOT NULL,
    outcome         TEXT   NOT NULL,
    severity        TEXT   NOT NULL,
    resource_type   TEXT   NOT NULL,
    resource_id     TEXT   NOT NULL,
    source          TEXT   NOT NULL,
    tenant          TEXT   NOT NULL,
    correlation_id  TEXT   NOT NULL,
    causation_id    TEXT   NOT NULL,
    metadata        TEXT, -- a JSON object of strings
    old_values      TEXT, -- JSON objects as they were given: no type for JSON keeps every digit everywhere
    new_values      TEXT,
    payload_hash    BYTEA,
    payload_size    BIGINT NOT NULL,
    expires_at      BIGINT, -- NULL is never
    chain           TEXT   NOT NULL,
    chain_seq       BIGINT NOT NULL,
    previous_sum    TEXT   NOT NULL,
    own_sum         TEXT   NOT NULL
);
CREATE INDEX lexigram_audit_time ON lexigram_audit (occurred_at, id);
CREATE INDEX lexigram_audit_tenant ON lexigram_audit (tenant, occurred_at, id) WHERE tenant <> '';
CREATE INDEX lexigram_audit_actor ON lexigram_audit (actor, occurred_at, id);
CREATE INDEX lexigram_audit_resource ON lexigram_audit (resource_type, resource_id, occurred_at, id) WHERE resource_type <> '';
CREATE INDEX lexigram_audit_correlation ON lexigram_audit (correlation_id, occurred_at, id) WHERE correlation_id <> '';
CREATE INDEX lexigram_audit_expires ON lexigram_audit (expires_at) WHERE expires_at IS NOT NULL;

-- What guards against statements by mistake. Who owns the table can drop it: changes
-- are found by the checksums. A new function waits for no lock.
-- +lexigram allow no-lock-timeout
CREATE FUNCTION lexigram_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'lexigram_audit is append-only: % is refused', TG_OP USING ERRCODE = 'check_violation';
END
$$;
CREATE TRIGGER lexigram_audit_update BEFORE UPDATE ON lexigram_audit
    FOR EACH ROW EXECUTE FUNCTION lexigram_audit_refuse();
CREATE TRIGGER lexigram_audit_delete BEFORE DELETE ON lexigram_audit
    FOR EACH ROW WHEN (OLD.expires_at IS NULL) EXECUTE FUNCTION lexigram_audit_refuse();
CREATE TRIGGER lexigram_audit_truncate BEFORE TRUNCATE ON lexigram_audit
    FOR EACH STATEMENT EXECUTE FUNCTION lexigram_audit_refuse();
