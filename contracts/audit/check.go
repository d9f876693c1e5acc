package audit

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of stores. [Err] is the family of them all.
var (
	Err = errs.New("LEX_ERR_AUDIT_001", errs.Unknown, "audit")
	// ErrInvalid reports an entry that [CheckEntry] refuses, or a query that [CheckQuery] refuses.
	ErrInvalid = Err.Sub("LEX_ERR_AUDIT_002", errs.Invalid, "audit: invalid")
	// ErrDuplicate reports an entry whose ID the store has.
	ErrDuplicate = Err.Sub("LEX_ERR_AUDIT_003", errs.Conflict, "audit: there is an entry of that ID")
	// ErrFull reports a store that takes no more: nothing is dropped to make room.
	ErrFull = Err.Sub("LEX_ERR_AUDIT_004", errs.Exhausted, "audit: store is full")
)

const (
	maxText  = 255       // of names
	maxEntry = 256 << 10 // of what has no bound of its own, together
)

// CheckEntry returns an error wrapping [ErrInvalid] unless e has an ID, Action, Actor, Time,
// Outcome and Severity; names of at most 255 bytes; Old and New that are JSON objects or
// nil; Metadata, Old, New and PayloadHash of at most 256 KiB together; text in UTF-8 without
// a zero byte; and times in UTC that are whole microseconds. Every store calls it first.
func CheckEntry(e Entry) error {
	var v errs.ValidationError
	e.checkNames(&v)
	e.checkTimes(&v)
	if e.Outcome != Success && e.Outcome != Failure {
		v.Add("outcome", "is not success or failure", "")
	}
	if !e.Severity.known() {
		v.Add("severity", "is not low, medium, high or critical", "")
	}
	if e.PayloadSize < 0 || e.Seq < 0 {
		v.Add("payload_size", "and seq must not be negative", "")
	}
	if !isObject(e.Old) || !isObject(e.New) {
		v.Add("old", "and new must be JSON objects or nil", "")
	}
	size := len(e.Old) + len(e.New) + len(e.PayloadHash)
	for key, text := range e.Metadata {
		size += len(key) + len(text)
		if !isText(key) || !isText(text) {
			v.Add("metadata", "is not UTF-8 without a zero byte", "")
		}
	}
	if size > maxEntry {
		v.Add("metadata", "old, new and payload_hash are over 256 KiB together", "")
	}
	if err := v.Err(); err != nil {
		return ErrInvalid.Wrap(err, "audit: entry %.80q", e.ID)
	}
	return nil
}

func (e *Entry) checkNames(v *errs.ValidationError) {
	for _, f := range [...]struct {
		name, text string
		required   bool
	}{
		{"id", e.ID, true},
		{"action", e.Action, true},
		{"actor", e.Actor, true},
		{"resource_type", e.ResourceType, false},
		{"resource_id", e.ResourceID, false},
		{"source", e.Source, false},
		{"tenant", string(e.Tenant), false},
		{"correlation_id", e.CorrelationID, false},
		{"causation_id", e.CausationID, false},
		{"chain", e.Chain, false},
		{"previous", e.Previous, false},
		{"checksum", e.Checksum, false},
	} {
		switch {
		case f.required && f.text == "":
			v.Add(f.name, "is required", "")
		case len(f.text) > maxText:
			v.Add(f.name, "is over 255 bytes", "")
		case !isText(f.text):
			v.Add(f.name, "is not UTF-8 without a zero byte", "")
		}
	}
}

func (e *Entry) checkTimes(v *errs.ValidationError) {
	if e.Time.IsZero() || !isMicros(e.Time) {
		v.Add("time", "is not a time in UTC of whole microseconds", "")
	}
	if !e.Expires.IsZero() && !isMicros(e.Expires) {
		v.Add("expires", "is not a time in UTC of whole microseconds", "")
	}
}

func (s Severity) known() bool { return s == Low || s == Medium || s == High || s == Critical }

func isText(s string) bool {
	return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0
}

func isMicros(t time.Time) bool {
	return t.Location() == time.UTC && t.Nanosecond()%1000 == 0
}

func isObject(b json.RawMessage) bool {
	if b == nil {
		return true
	}
	return bytes.HasPrefix(bytes.TrimLeft(b, " \t\r\n"), []byte("{")) && json.Valid(b)
}
