// Package configtest checks that a [config.Format] and a [config.Config] keep
// their contracts.
//
// A format's whole conformance test is:
//
//	func TestConformance(t *testing.T) {
//		configtest.RunFormat(t, yamlconfig.Format{}, configtest.Samples{…})
//	}
package configtest

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Samples are documents in the syntax of a format.
type Samples struct {
	// Values holds exactly, in this order, each key on a line of its own, the first key on line Begins:
	//
	//	text: the string hello
	//	digits: the string 8080
	//	yes: the boolean true
	//	no: the boolean false
	//	port: the integer 8080
	//	large: the integer 9007199254740993
	//	ratio: the fraction 0.5
	//	none: null; this line is absent if NoNull
	//	list: a list of the integer 1, the string two and a list of the integer 3
	//	nested: a mapping of the key a to a mapping of the key b to the string ü, in one line
	Values []byte
	Begins int
	NoNull bool // the syntax has no null, as TOML
	// Duplicate has a mapping under the key a with the key b twice, for the second time on line 3.
	Duplicate []byte
	// Malformed are documents against the syntax.
	Malformed [][]byte
	// Refused are documents of the syntax that a Node cannot express, or whose
	// root is no mapping.
	Refused [][]byte
	// Empty are documents without content.
	Empty [][]byte
}

// RunFormat checks every rule of [config.Format].
func RunFormat(t *testing.T, f config.Format, samples Samples) {
	t.Helper()
	for _, r := range formatRules {
		t.Run(r.name, func(t *testing.T) {
			if err := r.check(f, samples); err != nil {
				t.Errorf("%v\nconfig.Format: %s", err, r.says)
			}
		})
	}
}

// Fuzz feeds a format with what the fuzzer makes of the samples.
func Fuzz(f *testing.F, format config.Format, samples Samples) {
	f.Add(samples.Values)
	f.Add(samples.Duplicate)
	for _, all := range [][][]byte{samples.Malformed, samples.Refused, samples.Empty} {
		for _, doc := range all {
			f.Add(doc)
		}
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		if err := parsed(format, doc); err != nil {
			t.Error(err)
		}
	})
}

type formatRule struct {
	name  string
	says  string // the promise, as the contract words it
	check func(config.Format, Samples) error
}

var formatRules = []formatRule{
	{"extensions", `Extensions are the file name endings of the format, such as ".yaml"`, checkExtensions},
	{"values", "Exactly one of Scalar, List and Map is used, as Type says; Scalar is string, bool, int64, float64, or nil for null", checkValues},
	{"order", "Map is in the order of the file", checkOrder},
	{"lines", "Line is the place where it stands, from 1", checkLines},
	{"duplicate", "A key given twice in a mapping [is an error] wrapping ErrSyntax, as a KeyError with the line and without a Source", checkDuplicate},
	{"malformed", "a malformed document [is an error] wrapping ErrSyntax, as a KeyError", checkMalformed},
	{"refused", "anything the format cannot express in a Node [is an error]; the document's root is a mapping", checkRefused},
	{"empty", "an empty document is an empty [mapping]", checkEmpty},
	{"hostile input", "Parse returns the document's root … or errors wrapping ErrSyntax", checkHostile},
	{"document is the caller's", "Parse does not keep or change data", checkData},
	{"concurrent use", "It is safe for concurrent use", checkParallel},
}

func checkExtensions(f config.Format, _ Samples) error {
	all := f.Extensions()
	for _, ext := range all {
		if len(ext) < 2 || ext[0] != '.' || ext != strings.ToLower(ext) {
			return fmt.Errorf("Extensions = %q, want lower-case endings with a dot", all)
		}
	}
	if len(all) == 0 {
		return errors.New("Extensions is empty: no file is of this format")
	}
	return nil
}

type entry struct {
	key   string
	value any // as plain returns it
}

var wantValues = []entry{
	{"text", "hello"},
	{"digits", "8080"},
	{"yes", true},
	{"no", false},
	{"port", int64(8080)},
	{"large", int64(9007199254740993)},
	{"ratio", 0.5},
	{"none", nil},
	{"list", []any{int64(1), "two", []any{int64(3)}}},
	{"nested", map[string]any{"a": map[string]any{"b": "ü"}}},
}

// wants returns what Values holds.
func (s Samples) wants() []entry {
	if !s.NoNull {
		return wantValues
	}
	return slices.DeleteFunc(slices.Clone(wantValues), func(e entry) bool { return e.value == nil })
}

func checkValues(f config.Format, s Samples) error {
	root, err := parse(f, s.Values)
	if err != nil {
		return err
	}
	got := plain(root).(map[string]any)
	for _, want := range s.wants() {
		v, ok := got[want.key]
		if !ok || !reflect.DeepEqual(v, want.value) {
			return fmt.Errorf("%s = %#v, %v, want %#v", want.key, v, ok, want.value)
		}
	}
	if len(got) != len(s.wants()) {
		return fmt.Errorf("%d keys, want %d", len(got), len(s.wants()))
	}
	return nil
}

func checkOrder(f config.Format, s Samples) error {
	root, err := parse(f, s.Values)
	if err != nil {
		return err
	}
	for i, want := range s.wants() {
		if i >= len(root.Map) || root.Map[i].Key != want.key {
			return fmt.Errorf("key %d is not %q: %v", i, want.key, keys(root))
		}
	}
	return nil
}

func keys(n *config.Node) (names []string) {
	for _, e := range n.Map {
		names = append(names, e.Key)
	}
	return names
}

func checkLines(f config.Format, s Samples) error {
	root, err := parse(f, s.Values)
	if err != nil {
		return err
	}
	for i, e := range root.Map {
		if e.Line != s.Begins+i || e.Value.Line != s.Begins+i {
			return fmt.Errorf("%s stands on line %d, its value on %d, want %d", e.Key, e.Line, e.Value.Line, s.Begins+i)
		}
	}
	return nil
}

func checkDuplicate(f config.Format, s Samples) error {
	_, err := parse(f, s.Duplicate)
	k, ok := errors.AsType[*config.KeyError](err)
	if !ok || k.Key != "a.b" || k.Line != 3 || k.Source != "" || !errors.Is(err, config.ErrSyntax) {
		return fmt.Errorf("a key given twice: %#v, want a KeyError of a.b on line 3", err)
	}
	return nil
}

func checkMalformed(f config.Format, s Samples) error {
	if len(s.Malformed) == 0 {
		return errors.New("no sample")
	}
	return refused(f, s.Malformed)
}

func checkRefused(f config.Format, s Samples) error {
	if len(s.Refused) == 0 {
		return errors.New("no sample")
	}
	return refused(f, s.Refused)
}

func refused(f config.Format, docs [][]byte) error {
	for _, doc := range docs {
		root, err := parse(f, doc)
		if k, ok := errors.AsType[*config.KeyError](err); !ok || !errors.Is(err, config.ErrSyntax) || k.Source != "" {
			return fmt.Errorf("%.60q: %v, %v, want a KeyError without a Source that is ErrSyntax", doc, root, err)
		}
	}
	return nil
}

func checkEmpty(f config.Format, s Samples) error {
	for _, doc := range append([][]byte{nil, {}}, s.Empty...) {
		root, err := parse(f, doc)
		if err != nil || root.Type != config.Map || len(root.Map) != 0 {
			return fmt.Errorf("%q: %+v, %v, want an empty mapping", doc, root, err)
		}
	}
	return nil
}

// checkHostile cuts and damages the sample at every byte.
func checkHostile(f config.Format, s Samples) error {
	for i := range s.Values {
		damaged := bytes.Clone(s.Values)
		for _, b := range []byte{0, '{', '"', 0xff, '\n'} {
			damaged[i] = b
			if err := parsed(f, damaged); err != nil {
				return err
			}
		}
		if err := parsed(f, s.Values[:i]); err != nil {
			return err
		}
	}
	for _, open := range []string{"[", "{\"a\":", "a:\n ", "- ", "{a: "} {
		if err := parsed(f, []byte(strings.Repeat(open, 20_000))); err != nil {
			return err
		}
	}
	return nil
}

func checkData(f config.Format, s Samples) error {
	doc := bytes.Clone(s.Values)
	root, err := parse(f, doc)
	if err != nil {
		return err
	}
	if !bytes.Equal(doc, s.Values) {
		return errors.New("Parse changed the document")
	}
	before := plain(root)
	for i := range doc {
		doc[i] = 'x'
	}
	if !reflect.DeepEqual(plain(root), before) {
		return errors.New("the nodes change with the caller's slice")
	}
	return nil
}

func checkParallel(f config.Format, s Samples) error {
	want, err := parse(f, s.Values)
	if err != nil {
		return err
	}
	failures := make([]error, 8)
	var wg sync.WaitGroup
	for i := range failures {
		wg.Go(func() {
			for range 20 {
				got, err := parse(f, s.Values)
				if err == nil && !reflect.DeepEqual(got, want) {
					err = errors.New("several Parse at once differ from one alone")
				}
				failures[i] = errors.Join(failures[i], err)
			}
		})
	}
	wg.Wait()
	return errors.Join(failures...)
}

// parse calls Parse; a panic is an error of the format.
func parse(f config.Format, doc []byte) (root *config.Node, err error) {
	failed := errs.Catch(func() error {
		root, err = f.Parse(doc)
		return nil
	})
	if failed != nil {
		return nil, failed
	}
	if err == nil && root == nil {
		return nil, errors.New("Parse = nil, nil")
	}
	return root, err
}

// parsed checks what holds for every document.
func parsed(f config.Format, doc []byte) error {
	root, err := parse(f, doc)
	if err == nil {
		if root.Type != config.Map {
			return fmt.Errorf("%.60q: the root is of type %d", doc, root.Type)
		}
		return wellFormed(root, "", 0)
	}
	k, ok := errors.AsType[*config.KeyError](err)
	if !ok || !errors.Is(err, config.ErrSyntax) || k.Source != "" || strings.Contains(k.Problem, "\n") {
		return fmt.Errorf("%.60q: %w, want a KeyError of one line that is ErrSyntax", doc, err)
	}
	return nil
}

// wellFormed checks a node and what is in it.
func wellFormed(n *config.Node, key string, depth int) error {
	switch {
	case n == nil:
		return fmt.Errorf("%s: nil node", key)
	case depth > 10_000:
		return fmt.Errorf("%.40s…: deeper than anybody can walk", key)
	case n.Line < 1:
		return fmt.Errorf("%s: line %d", key, n.Line)
	case n.Type != config.List && n.List != nil, n.Type != config.Map && n.Map != nil, n.Type != config.Scalar && n.Scalar != nil:
		return fmt.Errorf("%s: more than its type %d says is used", key, n.Type)
	}
	for i, e := range n.List {
		if err := wellFormed(e, fmt.Sprintf("%s[%d]", key, i), depth+1); err != nil {
			return err
		}
	}
	seen := map[string]bool{}
	for _, e := range n.Map {
		if seen[e.Key] || e.Line < 1 {
			return fmt.Errorf("%s: key %q is given twice or stands on line %d", key, e.Key, e.Line)
		}
		seen[e.Key] = true
		if err := wellFormed(e.Value, key+"."+e.Key, depth+1); err != nil {
			return err
		}
	}
	return scalar(n, key)
}

func scalar(n *config.Node, key string) error {
	switch v := n.Scalar.(type) {
	case nil, string, bool, int64:
		return nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: %v is no value of a configuration", key, v)
		}
		return nil
	default:
		return fmt.Errorf("%s: a scalar of type %T", key, v)
	}
}

// plain returns a node as Lookup would.
func plain(n *config.Node) any {
	switch n.Type {
	case config.List:
		list := make([]any, len(n.List))
		for i, e := range n.List {
			list[i] = plain(e)
		}
		return list
	case config.Map:
		m := make(map[string]any, len(n.Map))
		for _, e := range n.Map {
			m[e.Key] = plain(e.Value)
		}
		return m
	default:
		return n.Scalar
	}
}
