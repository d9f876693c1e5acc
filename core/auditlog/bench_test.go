package auditlog_test

import (
	"context"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/core/auditlog"
)

func BenchmarkLog(b *testing.B) {
	for name, opts := range map[string]auditlog.Options{"plain": {}, "signed": {Keys: newKeys(b, "a")}} {
		b.Run(name, func(b *testing.B) {
			r := newRecorder(b, discard{}, opts)
			b.ReportAllocs()
			for b.Loop() {
				r.Log(b.Context(), audit.Entry{Action: "user.update", Actor: "user/7"})
			}
		})
	}
}

// discard keeps nothing.
type discard struct{}

func (discard) Append(context.Context, audit.Entry) error { return nil }
