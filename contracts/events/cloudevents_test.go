package events_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// full returns an event that has everything.
func full() events.Event {
	return events.Event{
		ID: `7/"ö"`, Source: "/orders?a=b%20c", Type: "orders.order.placed", Key: "order 7", Schema: 3, Format: "application/json; charset=utf-8",
		Time: time.Date(2026, 3, 4, 5, 6, 7, 800, time.FixedZone("", 3600)), Data: []byte(`{"a": "ü", "b": [1, 2]}`),
		Headers: map[string]string{
			events.HeaderTrace: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", events.HeaderTenant: "täglich",
			events.HeaderCorrelation: "c 1", events.HeaderCausation: "", "subject": "s", "x-note": `a&b="%"`, "x_y": "", "id": "not the ID", "lexheaders": "a=b",
		},
	}
}

func same(a, b events.Event) bool {
	return a.ID == b.ID && a.Source == b.Source && a.Type == b.Type && a.Key == b.Key && a.Schema == b.Schema && a.Format == b.Format &&
		a.Time.Equal(b.Time) && bytes.Equal(a.Data, b.Data) && maps.Equal(a.Headers, b.Headers)
}

// lossless fails unless both forms of ev are read as ev.
func lossless(t *testing.T, ev events.Event) {
	t.Helper()
	h := http.Header{}
	events.WriteHeaders(h, ev)
	for name, values := range h {
		for i := range len(values[0]) {
			if c := values[0][i]; c <= ' ' || c > '~' {
				t.Errorf("header %s: %q", name, values[0])
			}
		}
	}
	if got, err := events.Parse(h, ev.Data); err != nil || !same(got, ev) {
		t.Errorf("binary: %v\ngot  %+v\nwant %+v\nfrom %q", err, got, ev, h)
	}
	b := events.AppendJSON(nil, ev)
	if !json.Valid(b) {
		t.Errorf("not JSON: %s", b)
	}
	for _, h := range []map[string][]string{{"content-type": {events.MediaType}}, {"Content-Type": {"Application/CloudEvents+JSON; charset=UTF-8"}}} {
		if got, err := events.Parse(h, b); err != nil || !same(got, ev) {
			t.Errorf("structured: %v\ngot  %+v\nwant %+v\nfrom %s", err, got, ev, b)
		}
	}
}

func TestLossless(t *testing.T) {
	for name, change := range map[string]func(*events.Event){
		"everything":   func(*events.Event) {},
		"no more":      func(e *events.Event) { *e = events.Event{ID: "1", Source: "/", Type: "a"} },
		"no data":      func(e *events.Event) { e.Data = nil },
		"other format": func(e *events.Event) { e.Format = "text/plain" },
		"bytes":        func(e *events.Event) { e.Data = []byte("\x00\xff\r\n") },
		"text of JSON": func(e *events.Event) { e.Data = []byte(`"text"`) },
		"JSON null":    func(e *events.Event) { e.Data = []byte("null") },
		"space around": func(e *events.Event) { e.Data = []byte(" 1\n") },
		"lines":        func(e *events.Event) { e.Data = []byte("[1,\n2]") },
		"not UTF-8":    func(e *events.Event) { e.Data = []byte("\"\xff\"") },
		"two members":  func(e *events.Event) { e.Data = []byte(`1,"id":"other"`) },
		"deep":         func(e *events.Event) { e.Data = []byte(strings.Repeat("[", 10000) + strings.Repeat("]", 10000)) },
		"large schema": func(e *events.Event) { e.Schema = math.MaxInt },
		"first year":   func(e *events.Event) { e.Time = time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC) },
		"last year":    func(e *events.Event) { e.Time = time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC) },
		"odd zone":     func(e *events.Event) { e.Time = e.Time.In(time.FixedZone("LMT", 53*60+28)) },
	} {
		t.Run(name, func(t *testing.T) {
			ev := full()
			change(&ev)
			if err := events.Check(ev); err != nil {
				t.Fatal(err)
			}
			lossless(t, ev)
		})
	}
}

// What others write, or wrote before, is read.
func TestParseJSON(t *testing.T) {
	want := events.Event{ID: "1", Source: "/s", Type: "a.b"}
	for text, change := range map[string]func(*events.Event){
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b"}`:                                                          func(*events.Event) {},
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","time":null,"data":{"x" : 1}}`:                             func(e *events.Event) { e.Data = []byte(`{"x" : 1}`) },
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","datacontenttype":"text/xml","data":"<x/>"}`:               func(e *events.Event) { e.Format, e.Data = "text/xml", []byte("<x/>") },
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","data":"x"}`:                                               func(e *events.Event) { e.Data = []byte(`"x"`) },
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","data_base64":"AP8="}`:                                     func(e *events.Event) { e.Data = []byte("\x00\xff") },
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","schemaversion":2,"count":7,"dry":true}`:                   func(e *events.Event) { e.Schema, e.Headers = 2, map[string]string{"count": "7", "dry": "true"} },
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","schemaversion":"2","time":"2026-01-02T03:04:05.5+01:00"}`: func(e *events.Event) { e.Schema, e.Time = 2, time.Date(2026, 1, 2, 2, 4, 5, 5e8, time.UTC) },
	} {
		ev := want
		change(&ev)
		if got, err := events.ParseJSON([]byte(text)); err != nil || !same(got, ev) {
			t.Errorf("%s\n%+v, %v", text, got, err)
		}
	}
	for _, text := range []string{
		``, `null`, `[]`, `{`, `{"specversion":"1.0","id":"1","source":"/s","type":"a.b"} {}`,
		`{"id":"1","source":"/s","type":"a.b"}`,
		`{"specversion":"0.3","id":"1","source":"/s","type":"a.b"}`,
		`{"specversion":"1.0","id":null,"source":"/s","type":"a.b"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a b"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","x":{}}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","X":"y"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","schemaversion":1.5}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","time":"yesterday"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","data":1,"data_base64":"AA=="}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","data_base64":"*"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","data_base64":[1]}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","lexheaders":"a=%"}`,
		`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","tenant":"a","lexheaders":"tenant=b"}`,
	} {
		if _, err := events.ParseJSON([]byte(text)); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%s\n%v, want ErrInvalid", text, err)
		}
	}
}

func TestParse(t *testing.T) {
	base := func() map[string][]string {
		return map[string][]string{"ce-specversion": {"1.0"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-type": {"a"}}
	}
	for name, c := range map[string]struct {
		header, value string
		change        func(*events.Event)
	}{
		"content type":  {"Content-Type", "text/plain", func(e *events.Event) { e.Format = "text/plain" }},
		"other headers": {"Nats-Msg-Id", "7", func(*events.Event) {}},
		"quoted":        {"ce-subject", `"a \"b\\c"`, func(e *events.Event) { e.Headers = map[string]string{"subject": `a "b\c`} }},
		"one quote":     {"ce-subject", `"a`, func(e *events.Event) { e.Headers = map[string]string{"subject": `"a`} }},
		"encoded":       {"CE-Subject", "Euro%20%E2%82%ac %F0%9F%98%80", func(e *events.Event) { e.Headers = map[string]string{"subject": "Euro € 😀"} }},
	} {
		h, want := base(), events.Event{ID: "1", Source: "/s", Type: "a", Data: []byte("d")}
		h[c.header] = []string{c.value, "and no other"}
		c.change(&want)
		if got, err := events.Parse(h, []byte("d")); err != nil || !same(got, want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
	for name, value := range map[string]string{
		"ce-specversion": "2.0", "ce-id": "", "ce-type": "a%20b", "ce-subject": "%zz", "ce-other": "%e", "ce-time": "1", "ce-key!": "k", "ce-": "x",
		"ce-control": "a%0Ab", "ce-bytes": "%FF", "Content-Type": events.MediaType,
	} {
		h := base()
		h[name] = []string{value}
		if _, err := events.Parse(h, []byte("d")); !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%s: %q: %v, want ErrInvalid", name, value, err)
		}
	}
	if _, err := events.Parse(nil, nil); !errors.Is(err, events.ErrInvalid) {
		t.Errorf("no message: %v", err)
	}
}

// FuzzLossless: whatever Check accepts comes back from both forms.
func FuzzLossless(f *testing.F) {
	ev := full()
	f.Add(ev.ID, ev.Source, ev.Key, ev.Format, "x-note", "v", 3, int64(1), ev.Data)
	f.Add("\xff", "", "", "text/plain", "", "", -1, int64(math.MaxInt64), []byte(`1,"id":2`))
	f.Fuzz(func(t *testing.T, id, source, key, format, name, value string, schema int, sec int64, data []byte) {
		ev := events.Event{ID: id, Source: source, Type: "a.b", Key: key, Format: format, Schema: schema, Time: time.Unix(sec, 5), Data: data, Headers: map[string]string{name: value}}
		if events.Check(ev) == nil {
			lossless(t, ev)
		}
	})
}

// FuzzParseJSON: what is read is an event, and is read again from both forms.
func FuzzParseJSON(f *testing.F) {
	f.Add(events.AppendJSON(nil, full()))
	f.Add([]byte(`{"specversion":"1.0","id":"1","source":"/s","type":"a.b","data":[1, 2],"x":1e3,"lexheaders":"a-b=c"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		ev, err := events.ParseJSON(b)
		if err == nil {
			lossless(t, ev)
		} else if !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%v", err)
		}
	})
}

// FuzzParse does the same with headers.
func FuzzParse(f *testing.F) {
	f.Add("content-type", events.MediaType, events.AppendJSON(nil, full()))
	f.Add("ce-subject", `"a%20\"b"`, []byte("d"))
	f.Add("ce-lexheaders", "a-b=c&id=d", []byte(nil))
	f.Fuzz(func(t *testing.T, name, value string, body []byte) {
		h := map[string][]string{"ce-specversion": {"1.0"}, "ce-id": {"1"}, "ce-source": {"/s"}, "ce-type": {"a"}}
		h[name] = []string{value}
		ev, err := events.Parse(h, body)
		if err == nil {
			lossless(t, ev)
		} else if !errors.Is(err, events.ErrInvalid) {
			t.Errorf("%v", err)
		}
	})
}

func BenchmarkCloudEvents(b *testing.B) {
	ev := full()
	h := map[string][]string{}
	events.WriteHeaders(h, ev)
	text := events.AppendJSON(nil, ev)
	for name, do := range map[string]func(){
		"WriteHeaders": func() { clear(h); events.WriteHeaders(h, ev) },
		"Parse":        func() { _, _ = events.Parse(h, ev.Data) },
		"AppendJSON":   func() { text = events.AppendJSON(text[:0], ev) },
		"ParseJSON":    func() { _, _ = events.ParseJSON(text) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				do()
			}
		})
	}
}
