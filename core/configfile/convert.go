package configfile

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/duration"
)

// scalar sets a string, boolean or number, or a field of type any.
func (d *decoder) scalar(v reflect.Value, n *value, key string, c care) {
	switch v.Kind() {
	case reflect.Interface:
		if v.NumMethod() > 0 {
			d.unsupported(v, n, key)
			return
		}
		if name := n.holds(); name != "" && c != sealed {
			d.unsealed(n, key, name)
			return
		}
		v.Set(reflect.ValueOf(n.plain()))
	case reflect.String:
		s, ok := n.scalar.(string)
		if !ok {
			d.mismatch(n, key, "a string")
			return
		}
		v.SetString(s)
	case reflect.Bool:
		d.boolean(v, n, key, c)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		d.integer(v, n, key, c)
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.unsigned(v, n, key, c)
	case reflect.Float32, reflect.Float64:
		d.fraction(v, n, key, c)
	default:
		d.unsupported(v, n, key)
	}
}

func (d *decoder) unsupported(v reflect.Value, n *value, key string) {
	d.problem(n, key, config.Err, fmt.Sprintf("has a field of the Go type %v, which cannot be configured", v.Type()))
}

func (d *decoder) boolean(v reflect.Value, n *value, key string, c care) {
	if b, ok := n.scalar.(bool); ok {
		v.SetBool(b)
		return
	}
	text, ok := n.asText()
	if !ok {
		d.mismatch(n, key, "true or false")
		return
	}
	on, ok := parseBool(text)
	if !ok {
		d.unparsable(n, key, text, "true or false", c)
		return
	}
	v.SetBool(on)
}

func (d *decoder) integer(v reflect.Value, n *value, key string, c care) {
	i, ok := n.scalar.(int64)
	if text, isText := n.asText(); isText {
		var err error
		if i, err = strconv.ParseInt(text, 10, 64); err != nil {
			d.unparsable(n, key, text, "an integer that fits", c)
			return
		}
	} else if !ok {
		d.mismatch(n, key, "an integer")
		return
	}
	if v.OverflowInt(i) {
		d.unparsable(n, key, strconv.FormatInt(i, 10), fmt.Sprintf("within the range of %v", v.Type()), c)
		return
	}
	v.SetInt(i)
}

func (d *decoder) unsigned(v reflect.Value, n *value, key string, c care) {
	i, ok := n.scalar.(int64)
	u := uint64(i)
	if text, isText := n.asText(); isText {
		var err error
		if u, err = strconv.ParseUint(text, 10, 64); err != nil {
			d.unparsable(n, key, text, "an integer from 0 that fits", c)
			return
		}
	} else if !ok {
		d.mismatch(n, key, "an integer")
		return
	}
	if i < 0 || v.OverflowUint(u) {
		d.unparsable(n, key, fmt.Sprint(n.scalar), fmt.Sprintf("within the range of %v", v.Type()), c)
		return
	}
	v.SetUint(u)
}

func (d *decoder) fraction(v reflect.Value, n *value, key string, c care) {
	f, ok := n.scalar.(float64)
	if i, whole := n.scalar.(int64); whole {
		f, ok = float64(i), true
	}
	if text, isText := n.asText(); isText {
		var err error
		if f, err = strconv.ParseFloat(text, 64); err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			d.unparsable(n, key, text, "a number", c)
			return
		}
	} else if !ok {
		d.mismatch(n, key, "a number")
		return
	}
	if v.OverflowFloat(f) {
		d.unparsable(n, key, fmt.Sprint(f), fmt.Sprintf("within the range of %v", v.Type()), c)
		return
	}
	v.SetFloat(f)
}

// duration wants a unit: 30 could be anything. 0 needs none.
func (d *decoder) duration(v reflect.Value, n *value, key string, c care) {
	text, ok := n.scalar.(string)
	if n.scalar == int64(0) || ok && strings.TrimSpace(text) == "0" {
		v.SetInt(0)
		return
	}
	if !ok {
		d.mismatch(n, key, "a duration such as 1d12h30m")
		return
	}
	parsed, err := duration.Parse(strings.TrimSpace(text))
	if err != nil {
		d.unparsable(n, key, text, "a duration such as 1d12h30m", c)
		return
	}
	v.SetInt(int64(parsed))
}

// asText returns text that is to be converted.
func (n *value) asText() (string, bool) {
	s, ok := n.scalar.(string)
	return strings.TrimSpace(s), ok && n.text
}
