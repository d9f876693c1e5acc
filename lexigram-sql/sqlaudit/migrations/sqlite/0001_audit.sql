-- Entries are only added, and those that expire deleted. Instants are microseconds since 1970.
CREATE TABLE lexigram_audit (
    id              TEXT    NOT NULL PRIMARY KEY,
    occurred_at     INTEGER NOT NULL,
    action          TEXT    NOT NULL,
    actor           TEXT    NOT NULL,
    outcome         TEXT    NOT NULL,
    severity        TEXT    NOT NULL,
    resource_type   TEXT    NOT NULL,
    resource_id     TEXT    NOT NULL,
    source          TEXT    NOT NULL,
    tenant          TEXT    NOT NULL,
    correlation_id  TEXT    NOT NULL,
    causation_id    TEXT    NOT NULL,
    metadata        TEXT, -- a JSON object of strings
    old_values      TEXT, -- JSON objects as they were given: no type for JSON keeps every digit everywhere
    new_values      TEXT,
    payload_hash    BLOB,
    payload_size    INTEGER NOT NULL,
    expires_at      INTEGER, -- NULL is never
    chain           TEXT    NOT NULL,
    chain_seq       INTEGER NOT NULL,
    previous_sum    TEXT    NOT NULL,
    own_sum         TEXT    NOT NULL
) STRICT;
CREATE INDEX lexigram_audit_time ON lexigram_audit (occurred_at, id);
CREATE INDEX lexigram_audit_tenant ON lexigram_audit (tenant, occurred_at, id) WHERE tenant <> '';
CREATE INDEX lexigram_audit_actor ON lexigram_audit (actor, occurred_at, id);
CREATE INDEX lexigram_audit_resource ON lexigram_audit (resource_type, resource_id, occurred_at, id) WHERE resource_type <> '';
CREATE INDEX lexigram_audit_correlation ON lexigram_audit (correlation_id, occurred_at, id) WHERE correlation_id <> '';
CREATE INDEX lexigram_audit_expires ON lexigram_audit (expires_at) WHERE expires_at IS NOT NULL;

-- What guards against statements by mistake. Who can write to the file can drop it:
-- changes are found by the checksums.
CREATE TRIGGER lexigram_audit_update BEFORE UPDATE ON lexigram_audit
BEGIN
    SELECT RAISE(ABORT, 'lexigram_audit is append-only: UPDATE is refused');
END;
CREATE TRIGGER lexigram_audit_delete BEFORE DELETE ON lexigram_audit WHEN OLD.expires_at IS NULL
BEGIN
    SELECT RAISE(ABORT, 'lexigram_audit is append-only: DELETE is refused');
END;
-- REPLACE deletes and fires no trigger of DELETE: what is there stays, as with ON CONFLICT DO NOTHING.
CREATE TRIGGER lexigram_audit_replace BEFORE INSERT ON lexigram_audit WHEN EXISTS (SELECT 1 FROM lexigram_audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(IGNORE);
END;
