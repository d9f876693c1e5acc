package audittest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/lexigram/lexigram-go/contracts/audit"
)

var epoch = time.Date(2026, 11, 27, 10, 0, 0, 123_456_000, time.UTC)

// full returns an entry that has everything.
func full() audit.Entry {
	return audit.Entry{
		ID: "full", Time: epoch, Action: "user.update", Actor: "user/7", Outcome: audit.Failure, Severity: audit.High,
		ResourceType: "user", ResourceID: "9", Source: "accounts", Tenant: "acme", CorrelationID: "c-1", CausationID: "m-1",
		Metadata: map[string]string{"ip": "10.0.0.1", "": "empty key", "ä": "\"\n"},
		Old:      json.RawMessage(`{"role":"user","n":12345678901234567890,"f":1.10,"x":null,"l":[1,{"a":"b"}]}`), New: json.RawMessage(`{ "role": "admin" }`),
		PayloadHash: []byte{0, 1, 0xff}, PayloadSize: 1 << 40, Expires: epoch.Add(time.Hour),
		Chain: "chain", Seq: 1 << 40, Previous: "v1:a:00fe", Checksum: "v1:a:00ff",
	}
}

// entry returns a plain one, minutes after the epoch.
func entry(id string, minutes int) audit.Entry {
	return audit.Entry{
		ID: id, Time: epoch.Add(time.Duration(minutes) * time.Minute), Action: "test", Actor: "system", Outcome: audit.Success, Severity: audit.Medium,
	}
}

func appendAll(ctx context.Context, s audit.Store, entries ...audit.Entry) error {
	for _, e := range entries {
		if err := s.Append(ctx, e); err != nil {
			return fmt.Errorf("Append(%q) = %w", e.ID, err)
		}
	}
	return nil
}

// collect returns what a query yields, up to its error, and complains if anything follows that.
func collect(ctx context.Context, r audit.Reader, q audit.Query) (all []audit.Entry, failed error) {
	for e, err := range r.Query(ctx, q) {
		switch {
		case failed != nil:
			return nil, errors.New("the sequence goes on after its error")
		case err != nil:
			failed = err
		default:
			all = append(all, e)
		}
	}
	return all, failed
}

// yields checks the IDs that a query yields.
func yields(ctx context.Context, r audit.Reader, q audit.Query, want ...string) error {
	all, err := collect(ctx, r, q)
	if err != nil {
		return fmt.Errorf("Query(%+v) = %w", q, err)
	}
	got := make([]string, len(all))
	for i, e := range all {
		got[i] = e.ID
	}
	if !slices.Equal(got, want) {
		return fmt.Errorf("Query(%+v) = %q, want %q", q, got, want)
	}
	return nil
}

// differs says in what two entries differ, or "".
func differs(got, want audit.Entry) string {
	g, w := reflect.ValueOf(got), reflect.ValueOf(want)
	for i := range g.NumField() {
		name := g.Type().Field(i).Name
		switch a, b := g.Field(i).Interface(), w.Field(i).Interface(); a := a.(type) {
		case json.RawMessage:
			if sameJSON(a, b.(json.RawMessage)) {
				continue
			}
		case []byte:
			if bytes.Equal(a, b.([]byte)) {
				continue
			}
		case map[string]string:
			if maps.Equal(a, b.(map[string]string)) {
				continue
			}
		default:
			if a == b {
				continue
			}
		}
		return fmt.Sprintf("%s is %v, want %v", name, g.Field(i), w.Field(i))
	}
	return ""
}

// sameJSON compares values, with every digit of their numbers.
func sameJSON(a, b json.RawMessage) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	var x, y any
	for _, p := range []struct {
		text json.RawMessage
		into *any
	}{{a, &x}, {b, &y}} {
		d := json.NewDecoder(bytes.NewReader(p.text))
		d.UseNumber()
		if d.Decode(p.into) != nil {
			return false
		}
	}
	return reflect.DeepEqual(x, y)
}

// errGone is why contexts of these rules end.
var errGone = errors.New("gone fishing")

func gone(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancelCause(ctx)
	cancel(errGone)
	return ctx
}

// errNil stands for nil where an error is formatted with %w.
var errNil = errors.New("<nil>")

func orNil(err error) error {
	if err == nil {
		return errNil
	}
	return err
}
