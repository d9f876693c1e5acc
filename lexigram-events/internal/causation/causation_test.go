package causation

import (
	"maps"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/events"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestHeaders(t *testing.T) {
	for _, c := range []struct{ of, want map[string]string }{
		{nil, map[string]string{"causationid": "1", "correlationid": "1"}},
		{map[string]string{"correlationid": "0", "causationid": "9", "tenant": "t", "x": "y"}, map[string]string{"causationid": "1", "correlationid": "0", "tenant": "t"}},
	} {
		if got := Headers(events.Event{ID: "1", Headers: c.of}); !maps.Equal(got, c.want) {
			t.Errorf("of %v: %v, want %v", c.of, got, c.want)
		}
	}
}
