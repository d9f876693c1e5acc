package configfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type limits struct{ Min, Max int }

func (l limits) Validate() error {
	var v errs.ValidationError
	if l.Min > l.Max {
		v.Add("min", "is greater than max", "")
	}
	return v.Err()
}

type validated struct {
	Limits limits
	List   []limits
	Map    map[string]limits
	Ptr    *limits
	Port   int
	Name   string
}

func (v *validated) Validate() error {
	if v.Name == "panic" {
		panic("in Validate")
	}
	var invalid errs.ValidationError
	if v.Port <= 0 {
		invalid.Add("port", "is not positive", "")
	}
	if len(v.List) > 0 && v.List[0].Min == 9 {
		invalid.Add("list[0].min", "is nine", "")
	}
	if v.Name == "bad" {
		return errors.Join(invalid.Err(), errors.New("the name is bad\nvery"))
	}
	return invalid.Err()
}

func TestValidators(t *testing.T) {
	tree := mustLoad(t, `{"s": {
"limits": {"min": 2, "max": 1},
"list": [{"min": 1, "max": 2},
{"min": 4, "max": 3}],
"map": {"m": {
"min": 6, "max": 5}},
"ptr": {"min": 8, "max": 7},
"name": "bad"
}}`, configfile.Options{})
	err := tree.Decode("s", &validated{})
	for _, want := range []string{
		"app.json:2: s.limits.min: is greater than max", "app.json:4: s.list[1].min: is", "app.json:6: s.map.m.min: is", "app.json:7: s.ptr.min: is",
		"app.json:1: s.port: is not positive", "app.json:1: s: the name is bad",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if err == nil || strings.Contains(err.Error(), "list[0]") || strings.Contains(err.Error(), "very") || !errors.Is(err, config.ErrValue) {
		t.Errorf("%v", err)
	}
	if err := tree.Decode("absent", &validated{}); err == nil || err.Error() != "absent.port: is not positive" {
		t.Errorf("the defaults of an absent section are not validated: %v", err)
	}
	wrong := mustLoad(t, `{"s": {"port": "x", "name": "fine"}}`, configfile.Options{}).Decode("s", &validated{})
	if wrong == nil || strings.Contains(wrong.Error(), "positive") {
		t.Errorf("a key that could not be read is judged too: %v", wrong)
	}
	if err := mustLoad(t, `{"s": {"name": "panic"}}`, configfile.Options{}).Decode("s", &validated{}); !errors.Is(err, config.ErrValue) || !strings.Contains(err.Error(), "panic: in Validate") {
		t.Errorf("%v", err)
	}
}
