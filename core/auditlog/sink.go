package auditlog

import (
	"context"
	"encoding/hex"
	"errors"
	"log/slog"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

// A Sink is an [audit.Appender] that writes each entry as one log record, for those who
// collect logs and keep them. It is safe for concurrent use if the handler is.
type Sink struct{ to slog.Handler }

var _ audit.Appender = (*Sink)(nil)

// NewSink returns a sink to a handler, or an error wrapping [audit.Err] if it is nil.
// Records have the message "audit" and level Info, Warn from [audit.High] on. The handler gets
// every one, whatever its level is, and its error is that of Append.
func NewSink(to slog.Handler) (*Sink, error) {
	if to == nil {
		return nil, audit.Err.Wrap(errors.New("the handler is nil"), "auditlog: sink")
	}
	return &Sink{to}, nil
}

// Append writes e; see [audit.Appender]. It does not know an ID again.
func (s *Sink) Append(ctx context.Context, e audit.Entry) error {
	if err := audit.CheckEntry(e); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return audit.Err.Wrap(context.Cause(ctx), "auditlog: write %q", e.ID)
	}
	level := slog.LevelInfo
	if e.Severity == audit.High || e.Severity == audit.Critical {
		level = slog.LevelWarn
	}
	record := slog.NewRecord(e.Time, level, "audit", 0)
	record.AddAttrs(attrs(e)...)
	if err := s.to.Handle(ctx, record); err != nil {
		return audit.Err.Wrap(err, "auditlog: write %q", e.ID)
	}
	return nil
}

// attrs returns what e has.
func attrs(e audit.Entry) []slog.Attr {
	all := []slog.Attr{
		slog.String("id", e.ID), slog.String("action", e.Action), slog.String("actor", e.Actor),
		slog.String("outcome", string(e.Outcome)), slog.String("severity", string(e.Severity)),
	}
	for _, f := range [...]struct{ key, text string }{
		{"resource_type", e.ResourceType},
		{"resource_id", e.ResourceID},
		{"source", e.Source},
		{"tenant", string(e.Tenant)},
		{"correlation_id", e.CorrelationID},
		{"causation_id", e.CausationID},
		{"old", string(e.Old)},
		{"new", string(e.New)},
		{"chain", e.Chain},
		{"previous", e.Previous},
		{"checksum", e.Checksum},
	} {
		if f.text != "" {
			all = append(all, slog.String(f.key, f.text))
		}
	}
	if e.Seq != 0 {
		all = append(all, slog.Int64("seq", e.Seq))
	}
	if len(e.PayloadHash) > 0 || e.PayloadSize > 0 {
		all = append(all, slog.String("payload_hash", hex.EncodeToString(e.PayloadHash)), slog.Int64("payload_size", e.PayloadSize))
	}
	if !e.Expires.IsZero() {
		all = append(all, slog.Time("expires", e.Expires))
	}
	if len(e.Metadata) > 0 {
		all = append(all, slog.Any("metadata", e.Metadata))
	}
	return all
}
