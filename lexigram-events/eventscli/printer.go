package eventscli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/events"
)

// A printer prints events one by one: a line each, or one JSON array of
// CloudEvents.
type printer struct {
	out  io.Writer
	json bool
	data bool
	n    int
}

func newPrinter(call *cli.Call, data bool) *printer {
	return &printer{out: call.Stdout, json: call.JSON, data: data}
}

// print prints an event, after its place.
func (p *printer) print(ev events.Event, place string) error {
	if !p.data {
		ev.Data = nil
	}
	p.n++
	if !p.json {
		words := []string{ev.Time.UTC().Format(time.RFC3339), ev.Type, ev.ID}
		if place != "" {
			words = append([]string{place}, words...)
		}
		for _, w := range []struct{ name, value string }{{"key", ev.Key}, {"tenant", ev.Headers[events.HeaderTenant]}, {"data", string(ev.Data)}} {
			if w.value != "" {
				words = append(words, w.name+"="+w.value)
			}
		}
		return p.write(cli.Plain(strings.Join(words, " ")) + "\n")
	}
	var line bytes.Buffer
	if err := json.Compact(&line, events.AppendJSON(nil, ev)); err != nil {
		return fmt.Errorf("event %q as JSON: %w", ev.ID, err)
	}
	before := ",\n"
	if p.n == 1 {
		before = "[\n"
	}
	return p.write(before + line.String())
}

// end ends the array.
func (p *printer) end() error {
	switch {
	case !p.json:
		return nil
	case p.n == 0:
		return p.write("[]\n")
	}
	return p.write("\n]\n")
}

func (p *printer) write(s string) error {
	if _, err := io.WriteString(p.out, s); err != nil {
		return cli.Err.Wrap(err, "print an event")
	}
	return nil
}
