package sqlaudit

import (
	"encoding/json"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-sql/internal/phrase"
)

const (
	columns = "id, occurred_at, action, actor, outcome, severity, resource_type, resource_id, source, tenant, correlation_id, causation_id, " +
		"metadata, old_values, new_values, payload_hash, payload_size, expires_at, chain, chain_seq, previous_sum, own_sum"
	columnCount = 22
)

var insert = "INSERT INTO lexigram_audit (" + columns + ") VALUES (" + phrase.Placeholders(1, columnCount) + ") ON CONFLICT (id) DO NOTHING" // immutable

// arguments returns the columns of e.
func arguments(e audit.Entry) ([]any, error) {
	var metadata *string
	if len(e.Metadata) > 0 {
		b, err := json.Marshal(e.Metadata)
		if err != nil {
			return nil, err
		}
		s := string(b)
		metadata = &s
	}
	var expires *int64
	if !e.Expires.IsZero() {
		n := e.Expires.UnixMicro()
		expires = &n
	}
	return []any{
		e.ID, e.Time.UnixMicro(), e.Action, e.Actor, string(e.Outcome), string(e.Severity), e.ResourceType, e.ResourceID, e.Source,
		string(e.Tenant), e.CorrelationID, e.CausationID, metadata, text(e.Old), text(e.New), e.PayloadHash, e.PayloadSize, expires,
		e.Chain, e.Seq, e.Previous, e.Checksum,
	}, nil
}

// text returns b, which is UTF-8, as a column takes it.
func text(b json.RawMessage) *string {
	if b == nil {
		return nil
	}
	s := string(b)
	return &s
}

// scan returns the entry of a row, which shares nothing with others.
func scan(r sqldb.Rows) (e audit.Entry, err error) {
	var occurred int64
	var expires *int64
	var metadata, before, after *string
	err = r.Scan(&e.ID, &occurred, &e.Action, &e.Actor, (*string)(&e.Outcome), (*string)(&e.Severity), &e.ResourceType, &e.ResourceID, &e.Source,
		(*string)(&e.Tenant), &e.CorrelationID, &e.CausationID, &metadata, &before, &after, &e.PayloadHash, &e.PayloadSize, &expires,
		&e.Chain, &e.Seq, &e.Previous, &e.Checksum)
	if err != nil {
		return audit.Entry{}, err
	}
	e.Time = time.UnixMicro(occurred).UTC()
	if expires != nil {
		e.Expires = time.UnixMicro(*expires).UTC()
	}
	if before != nil {
		e.Old = json.RawMessage(*before)
	}
	if after != nil {
		e.New = json.RawMessage(*after)
	}
	if metadata != nil {
		if err := json.Unmarshal([]byte(*metadata), &e.Metadata); err != nil {
			return audit.Entry{}, err
		}
	}
	return e, nil
}
