package configtest

import (
	"encoding"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/duration"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// good is the smallest Config that keeps every rule, for the types of the suite.
type good struct{ root map[string]any }

// text is a string of the environment.
type text string

func open(c Content) good {
	g := good{clone(c.Values).(map[string]any)}
	for key, v := range c.Text {
		m := g.root
		path := strings.Split(key, ".")
		for _, name := range path[:len(path)-1] {
			next, ok := m[name].(map[string]any)
			if !ok {
				next = map[string]any{}
				m[name] = next
			}
			m = next
		}
		m[path[len(path)-1]] = text(v)
	}
	return g
}

// clone copies a value and makes plain strings of text.
func clone(v any) any {
	switch v := v.(type) {
	case map[string]any:
		c := map[string]any{}
		for k, e := range v {
			c[k] = clone(e)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, e := range v {
			c[i] = clone(e)
		}
		return c
	case text:
		return string(v)
	}
	return v
}

func (good) Environment() config.Environment { return config.Development }

func (g good) find(key string) (any, bool) {
	var v any = g.root
	if key == "" {
		return v, true
	}
	for name := range strings.SplitSeq(key, ".") {
		m, _ := v.(map[string]any)
		var ok bool
		if v, ok = m[name]; !ok {
			return nil, false
		}
	}
	return v, true
}

func (g good) Lookup(key string) (any, bool) {
	v, ok := g.find(key)
	return clone(v), ok
}

func (g good) Decode(key string, into any) error { return decoder{}.decode(g, key, into) }

// decoder is good's Decode with faults that can be switched on.
type decoder struct {
	converts, wraps, lax, firstOnly, inPlace, aliases, shows, unvalidated, fieldNames, noText, undemanding bool
}

func (d decoder) decode(g good, key string, into any) error {
	target := reflect.ValueOf(into).Elem()
	v, _ := g.find(key)
	filled := reflect.New(target.Type()).Elem()
	filled.Set(target)
	var problems []error
	report := func(key string, sentinel error, near, problem string) {
		problems = append(problems, &config.KeyError{Key: key, Problem: problem, Nearest: near, Sentinel: sentinel})
	}
	if v != nil {
		d.fill(filled, v, key, report)
	}
	if !d.unvalidated {
		validate(filled, key, report)
	}
	if !d.undemanding {
		demand(filled, key, report)
	}
	if d.firstOnly && len(problems) > 0 {
		problems = problems[:1]
	}
	if len(problems) == 0 || d.inPlace {
		target.Set(filled)
	}
	return errors.Join(problems...)
}

type reporter = func(key string, sentinel error, near, problem string)

func name(f reflect.StructField) string {
	if tag, _, _ := strings.Cut(f.Tag.Get("config"), ","); tag != "" {
		return tag
	}
	if f.Name == "BusyTimeout" {
		return "busy_timeout"
	}
	return strings.ToLower(f.Name)
}

func (d decoder) fill(v reflect.Value, from any, key string, report reporter) {
	wrong := func() {
		shown := "a value of another type"
		if d.shows {
			shown = fmt.Sprint(from)
		}
		report(key, config.ErrValue, "", "is "+shown)
	}
	if s, ok := v.Addr().Interface().(interface{ Edit(fn func(ref any)) }); ok {
		s.Edit(func(ref any) { d.fill(reflect.ValueOf(ref).Elem(), from, key, report) })
		return
	}
	s, isString := from.(string)
	t, isText := from.(text)
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if u.UnmarshalText([]byte(s+string(t))) != nil {
			wrong()
		}
		return
	}
	if v.Type() == reflect.TypeFor[time.Duration]() {
		p, err := duration.Parse(s + string(t))
		if err != nil {
			wrong()
		}
		v.SetInt(int64(p))
		return
	}
	if isString && d.converts {
		t, isText = text(s), true
	}
	if d.noText {
		isText = false
	}
	switch v.Kind() {
	case reflect.Pointer:
		p := v
		if v.IsNil() || !d.aliases {
			p = reflect.New(v.Type().Elem())
			if !v.IsNil() {
				p.Elem().Set(v.Elem())
			}
		}
		d.fill(p.Elem(), from, key, report)
		v.Set(p)
	case reflect.Struct:
		m, ok := from.(map[string]any)
		if !ok {
			wrong()
			return
		}
		d.structure(v, m, key, report)
	case reflect.Map:
		m, ok := from.(map[string]any)
		if !ok {
			wrong()
			return
		}
		filled := maps.Clone(v.Interface().(map[string]int))
		if filled == nil {
			filled = map[string]int{}
		}
		for k, e := range m {
			var n int
			d.fill(reflect.ValueOf(&n).Elem(), e, key+"."+k, report)
			filled[k] = n
		}
		v.Set(reflect.ValueOf(filled))
	case reflect.Slice:
		l, ok := from.([]any)
		if !ok {
			wrong()
			return
		}
		filled := make([]string, len(l))
		for i, e := range l {
			d.fill(reflect.ValueOf(&filled[i]).Elem(), e, fmt.Sprintf("%s[%d]", key, i), report)
		}
		v.Set(reflect.ValueOf(filled))
	case reflect.String:
		if !isString && !isText {
			wrong()
		}
		if isText && !isString {
			s = string(t)
		}
		v.SetString(s)
	case reflect.Bool:
		b, ok := from.(bool)
		if isText {
			p, err := strconv.ParseBool(string(t))
			b, ok = p, err == nil
		}
		if !ok {
			wrong()
		}
		v.SetBool(b)
	case reflect.Int, reflect.Int8:
		n, ok := from.(int64)
		if isText {
			p, err := strconv.ParseInt(string(t), 10, 64)
			n, ok = p, err == nil
		}
		if !ok || v.OverflowInt(n) && !d.wraps {
			wrong()
		}
		v.SetInt(n)
	case reflect.Float64:
		f, ok := from.(float64)
		if isText {
			p, err := strconv.ParseFloat(string(t), 64)
			f, ok = p, err == nil
		}
		if !ok {
			wrong()
		}
		v.SetFloat(f)
	}
}

func (d decoder) structure(v reflect.Value, m map[string]any, key string, report reporter) {
	fields := map[string]int{}
	for i := range v.NumField() {
		n := name(v.Type().Field(i))
		if d.fieldNames {
			n = strings.ToLower(v.Type().Field(i).Name)
		}
		if n != "-" {
			fields[n] = i
		}
	}
	for k, e := range m {
		if i, ok := fields[k]; ok {
			d.fill(v.Field(i), e, key+"."+k, report)
		} else if !d.lax {
			report(key+"."+k, config.ErrUnknown, config.Nearest(k, slices.Collect(maps.Keys(fields))), "unknown key")
		}
	}
}

// demand reports the required fields of v that are zero.
func demand(v reflect.Value, key string, report reporter) {
	for f, field := range v.Fields() {
		if strings.HasSuffix(f.Tag.Get("config"), ",required") && field.IsZero() {
			report(key+"."+name(f), config.ErrMissing, "", "is required")
		}
		if f.IsExported() && field.Kind() == reflect.Struct {
			demand(field, key+"."+name(f), report)
		}
	}
}

func validate(v reflect.Value, key string, report reporter) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			validate(v.Elem(), key, report)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				validate(v.Field(i), key+"."+name(f), report)
			}
		}
		if c, ok := v.Interface().(config.Validator); ok {
			if e, ok := errors.AsType[*errs.ValidationError](c.Validate()); ok {
				report(key+"."+e.Fields[0].Field, config.ErrValue, "", e.Fields[0].Message)
			}
		}
	}
}

func TestGoodConfig(t *testing.T) {
	Run(t, func(_ *testing.T, c Content) config.Config { return open(c) })
}

// faulty is good with other methods.
type faulty struct {
	good
	environment config.Environment
	lookup      func(g good, key string) (any, bool)
	decode      func(g good, key string, into any) error
}

func (f faulty) Environment() config.Environment {
	if f.environment != "" {
		return f.environment
	}
	return f.good.Environment()
}

func (f faulty) Lookup(key string) (any, bool) {
	if f.lookup != nil {
		return f.lookup(f.good, key)
	}
	return f.good.Lookup(key)
}

func (f faulty) Decode(key string, into any) error {
	if f.decode != nil {
		return f.decode(f.good, key, into)
	}
	return f.good.Decode(key, into)
}

func TestBrokenConfig(t *testing.T) {
	var inside atomic.Int64
	with := func(d decoder) faulty { return faulty{decode: d.decode} }
	broken := map[string]faulty{
		"environment": {environment: "prod"},
		"lookup": {lookup: func(g good, key string) (any, bool) {
			return g.Lookup(strings.Trim(key, "."))
		}},
		"lookup null": {lookup: func(g good, key string) (any, bool) {
			v, _ := g.Lookup(key)
			return v, v != nil
		}},
		"lookup is the caller's": {lookup: func(g good, key string) (any, bool) { return g.find(key) }},
		"defaults": {decode: func(g good, key string, into any) error {
			if v, _ := g.find(key); v == nil {
				return config.ErrSection.Wrap(nil, "config: %s", key)
			}
			return g.Decode(key, into)
		}},
		"decode": {decode: func(g good, key string, into any) error {
			reflect.ValueOf(into).Elem().SetZero() // begins with an empty struct
			return g.Decode(key, into)
		}},
		"names":                     with(decoder{fieldNames: true}),
		"text":                      with(decoder{noText: true}),
		"nothing else is converted": with(decoder{converts: true}),
		"range":                     with(decoder{wraps: true}),
		"unknown key":               with(decoder{lax: true}),
		"every problem":             with(decoder{firstOnly: true}),
		"into is as it was":         with(decoder{inPlace: true}),
		"shared defaults":           with(decoder{aliases: true}),
		"secret":                    with(decoder{shows: true}),
		"required":                  with(decoder{undemanding: true}),
		"validator":                 with(decoder{unvalidated: true}),
		"concurrent use": {decode: func(g good, key string, into any) error {
			defer inside.Add(-1)
			if inside.Add(1) > 1 {
				return errors.New("busy")
			}
			time.Sleep(time.Microsecond)
			return g.Decode(key, into)
		}},
	}
	for _, r := range configRules {
		f, ok := broken[r.name]
		if !ok {
			t.Errorf("rule %q: no Config breaks it, so nothing shows that its check works", r.name)
			continue
		}
		if err := r.check(func(c Content) config.Config { f.good = open(c); return f }); err == nil {
			t.Errorf("rule %q: the Config that breaks it passed", r.name)
		}
	}
}
