package audit

import (
	"encoding/json"
	"time"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// A Severity says how much an entry matters.
type Severity string

// The severities, least first.
const (
	Low      Severity = "low"
	Medium   Severity = "medium" // of an entry that a [Logger] is given without one
	High     Severity = "high"
	Critical Severity = "critical"
)

// An Outcome says how the action ended.
type Outcome string

// The outcomes.
const (
	Success Outcome = "success" // of an entry that a [Logger] is given without one
	Failure Outcome = "failure"
)

// An Entry says that somebody did something. [CheckEntry] says which a [Store] takes; a
// [Logger] needs Action alone, and Actor unless its context has one, and fills in ID,
// Time, Tenant, Outcome, Severity, and the fields of retention and proof. Entries are
// values: who holds one changes nothing that its maps and slices hold.
type Entry struct {
	ID     string    // unique in the store
	Time   time.Time // when it happened; kept in UTC to the microsecond
	Action string    // in dot notation, such as "user.update"
	Actor  string    // who did it, such as "user/7", or "system"

	Outcome  Outcome
	Severity Severity

	ResourceType, ResourceID string     // to what, such as "user" and "9"
	Source                   string     // the part of the application, such as "billing"
	Tenant                   tenancy.ID // "" if it belongs to none
	CorrelationID            string     // of the request or process that it is part of
	CausationID              string     // of the message that caused it

	Metadata map[string]string
	// Old and New are JSON objects of what changed, nil if nothing did. They are kept
	// with every digit of their numbers.
	Old, New json.RawMessage

	PayloadHash []byte // of the command that it records; nil if there is none
	PayloadSize int64  // of that command in bytes

	Expires time.Time // when it may be deleted, in UTC to the microsecond; zero is never

	// What proves that the entry is as it was recorded, made and checked by the logger:
	// text and numbers of its own to everybody else.
	Chain    string // which chain of entries it is a link of, "" if of none
	Seq      int64  // its number there, from 1
	Previous string // the checksum of the link before
	Checksum string // of all the other fields
}

// Position returns the entry's place in the order of [Reader].
func (e Entry) Position() Position { return Position{e.Time, e.ID} }

// A Position is a place in the order of entries, by time and then by ID.
type Position struct {
	Time time.Time
	ID   string
}

// Before reports whether p is older than q.
func (p Position) Before(q Position) bool {
	if c := p.Time.Compare(q.Time); c != 0 {
		return c < 0
	}
	return p.ID < q.ID
}
