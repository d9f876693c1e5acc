package eventrow

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/events"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestColumns(t *testing.T) {
	if n := len(strings.Split(Columns, ", ")); n != Width {
		t.Errorf("%d columns, and Width is %d", n, Width)
	}
	var sc Scanner
	if n := len(sc.Dest()); n != Width-1 {
		t.Errorf("%d destinations for the %d columns besides the tenant", n, Width-1)
	}
}

// What Append makes of an event, Scanner makes an event of, more than once.
func TestRoundTrip(t *testing.T) {
	var sc Scanner
	dest := sc.Dest()
	for _, want := range []events.Event{
		{ID: "1", Source: "/a", Type: "a", Key: "k", Schema: 2, Format: "text/plain", Time: time.UnixMicro(7).UTC(), Data: []byte("x"), Headers: map[string]string{events.HeaderTenant: "t"}},
		{ID: "2", Source: "/a", Type: "a", Time: time.UnixMicro(8).UTC(), Data: []byte("y")},
	} {
		args, err := Append(nil, &want, want.Headers)
		if err != nil {
			t.Fatal(err)
		}
		if args[0] != want.Headers[events.HeaderTenant] {
			t.Errorf("the tenant is %v", args[0])
		}
		for i, arg := range args[1:] {
			reflect.ValueOf(dest[i]).Elem().Set(reflect.ValueOf(arg))
		}
		got, err := sc.Event()
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
}

func TestPlaceholders(t *testing.T) {
	var b strings.Builder
	Placeholders(&b, 9, 3)
	if b.String() != "$9,$10,$11" {
		t.Errorf("got %q", b.String())
	}
}
