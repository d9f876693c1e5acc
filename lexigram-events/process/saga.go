package process

import (
	"context"
	"encoding/json"
	"time"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/lexigram/lexigram-go/contracts/resilience"
	"github.com/lexigram/lexigram-go/contracts/saga"
)

// A Saga is a [saga.Saga] whose steps work on a value of the type S. Its fields
// are those of [saga.Definition]. It must not be changed once a manager has it.
type Saga[S any] struct {
	Name    string
	Version int
	Steps   []Step[S]
	On      []string
	// Begin returns what an instance begins with that an event begins; nil
	// decodes the event's Data with the codec.
	Begin     func(ev events.Event) (S, error)
	Correlate func(ev events.Event) string
	// Codec writes values of S; nil is encoding/json.
	Codec codec.Codec
}

// A Step is a [saga.Step] on a value of the type S: what Do and Undo leave in s
// is kept if they return nil. Data that
// the codec cannot read fails the step.
type Step[S any] struct {
	Name     string
	Do, Undo func(ctx context.Context, s *S, c *saga.Call) error
	Await    []string
	Within   time.Duration
	Delay    time.Duration
	Timeout  time.Duration
	Retry    resilience.RetryConfig
	Atomic   bool
}

// Definition implements [saga.Saga].
func (s Saga[S]) Definition() saga.Definition {
	d := saga.Definition{Name: s.Name, Version: s.Version, On: s.On, Correlate: s.Correlate}
	if s.Begin != nil {
		d.Begin = func(ev events.Event) ([]byte, error) {
			v, err := s.Begin(ev)
			if err != nil {
				return nil, err
			}
			return s.codec().Marshal(v)
		}
	}
	for _, t := range s.Steps {
		d.Steps = append(d.Steps, saga.Step{
			Name: t.Name, Do: s.typed(t.Do), Undo: s.typed(t.Undo), Await: t.Await, Within: t.Within,
			Delay: t.Delay, Timeout: t.Timeout, Retry: t.Retry, Atomic: t.Atomic,
		})
	}
	return d
}

func (s Saga[S]) typed(fn func(context.Context, *S, *saga.Call) error) func(context.Context, *saga.Call) error {
	if fn == nil {
		return nil
	}
	return func(ctx context.Context, c *saga.Call) error {
		v, err := codec.Decode[S](s.codec(), c.Data)
		if err != nil {
			return err
		}
		if err := fn(ctx, &v, c); err != nil {
			return err
		}
		c.Data, err = s.codec().Marshal(v)
		return err
	}
}

// Start begins an instance with the value; see [saga.Runner].
func (s Saga[S]) Start(ctx context.Context, m saga.Runner, id string, v S) error {
	data, err := s.codec().Marshal(v)
	if err != nil {
		return err
	}
	return m.Start(ctx, s.Name, id, data)
}

// Value returns the value of an instance of s. Its errors are those of the codec.
func (s Saga[S]) Value(in saga.Instance) (S, error) { return codec.Decode[S](s.codec(), in.Data) }

func (s Saga[S]) codec() codec.Codec {
	if s.Codec != nil {
		return s.Codec
	}
	return plainJSON{}
}

// plainJSON is encoding/json as a codec.
type plainJSON struct{}

func (plainJSON) Marshal(v any) ([]byte, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return nil, codec.ErrValue.Wrap(err, "process: encode %T", v)
	}
	return b, nil
}

func (plainJSON) Unmarshal(data []byte, into any) error {
	if err := json.Unmarshal(data, into); err != nil {
		return codec.ErrData.Wrap(err, "process: decode a %T", into)
	}
	return nil
}
