package codectest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/lexigram/lexigram-go/contracts/codec"
)

// A model is the smallest codec that keeps every rule. With the name of a rule
// in breaks, it breaks that rule.
type model struct {
	breaks  string
	buffer  []byte
	writing atomic.Int64
}

func (m *model) Marshal(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	switch {
	case err != nil && m.breaks == "values that cannot be written":
		return []byte("null"), nil
	case err != nil:
		return nil, codec.ErrValue.Wrap(err, "model: marshal a %T", v)
	case m.breaks == "round trip":
		return bytes.ReplaceAll(data, []byte("9223372036854775807"), []byte("9223372036854775808")), nil // by way of a float64
	case m.breaks == "bytes are the caller's":
		if m.buffer == nil {
			m.buffer = data
		}
		return m.buffer, nil
	case m.breaks == "concurrent use":
		defer m.writing.Add(-1)
		if m.writing.Add(1) > 1 {
			return nil, errors.New("busy")
		}
		time.Sleep(1)
	}
	return data, nil
}

func (m *model) Unmarshal(data []byte, into any) error {
	v := reflect.ValueOf(into)
	bad := v.Kind() != reflect.Pointer || v.IsNil() || v.Elem().Kind() == reflect.Chan
	if m.breaks == "targets that cannot be read into" && bad {
		return nil
	}
	if bad {
		return codec.ErrValue.Wrap(nil, "model: unmarshal into a %T", into)
	}
	switch m.breaks {
	case "data is not kept":
		if raw, ok := into.(*[]byte); ok {
			*raw = data
			return nil
		}
	case "malformed data":
		return json.NewDecoder(bytes.NewReader(data)).Decode(into) // leaves what follows
	}
	if err := json.Unmarshal(data, into); err != nil {
		return codec.ErrData.Wrap(err, "model: unmarshal")
	}
	return nil
}

func TestGood(t *testing.T) {
	Run(t, func(*testing.T) codec.Codec { return &model{} })
	RunText(t, func(*testing.T) codec.StringCodec { return codec.Text(&model{}) })
}

// TestBroken gives each rule a codec that breaks it.
func TestBroken(t *testing.T) {
	for _, r := range rules {
		synctest.Test(t, func(t *testing.T) {
			values := ordinary()
			if r.name == "data is not kept" {
				values = []any{[]byte(`"YWJj"`)}
			}
			if err := r.check(&model{breaks: r.name}, values); err == nil {
				t.Errorf("rule %q: the codec that breaks it passed", r.name)
			}
		})
	}
}

// careless writes any bytes and looks at no context.
type careless struct{ codec.Codec }

func (c careless) Encode(_ context.Context, v any) (string, error) {
	b, err := c.Marshal(v)
	return string(b) + "\xff", err
}

func (c careless) Decode(_ context.Context, text string, into any) error {
	return c.Unmarshal([]byte(text[:len(text)-1]), into)
}

func TestBrokenText(t *testing.T) {
	for _, r := range textRules {
		if err := r.check(t.Context(), careless{&model{}}, ordinary()); err == nil {
			t.Errorf("rule %q: the codec that breaks it passed", r.name)
		} else {
			t.Log(fmt.Sprint(r.name, ": ", err))
		}
	}
}
