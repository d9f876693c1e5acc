package filtertest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/filter"
)

// reference finds documents by the meaning that filter.Compile gives filters.
func reference(f filter.Filter) ([]string, error) {
	holds, err := filter.Compile(f)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, d := range Documents() {
		attrs := map[string]any{}
		for name, v := range d.Attributes {
			if attrs[name], err = filter.Value(v); err != nil {
				return nil, err
			}
		}
		if holds(attrs) {
			ids = append(ids, d.ID)
		}
	}
	return ids, nil
}

func TestReference(t *testing.T) {
	for _, c := range Cases() {
		if skipped, err := Check(c, reference); err != nil || skipped {
			t.Error(skipped, err)
		}
	}
	for _, c := range Malformed() {
		if err := CheckMalformed(c, reference); err != nil {
			t.Error(err)
		}
	}
}

func TestCheckFindsFaults(t *testing.T) {
	c := Case{"c", nil, []string{"a"}}
	if _, err := Check(c, func(filter.Filter) ([]string, error) { return []string{"a", "b"}, nil }); err == nil {
		t.Error("a wrong answer passed")
	}
	if _, err := Check(c, func(filter.Filter) ([]string, error) { return nil, errors.New("down") }); err == nil {
		t.Error("a failure passed")
	}
	unsupported := filter.ErrUnsupported.Wrap(nil, "like this")
	if skipped, err := Check(c, func(filter.Filter) ([]string, error) { return nil, unsupported }); !skipped || err != nil {
		t.Errorf("unsupported: %v, %v", skipped, err)
	}
	for _, err := range []error{nil, errors.New("down"), unsupported} {
		if CheckMalformed(MalformedCase{}, func(filter.Filter) ([]string, error) { return nil, err }) == nil {
			t.Errorf("malformed: %v passed", err)
		}
	}
}

func Example() {
	c := Cases()[1]
	_, err := Check(c, reference)
	fmt.Println(c.Name, c.IDs, err)
	// Output: eq int [a] <nil>
}

func TestCasesAreDistinct(t *testing.T) {
	var names []string
	for _, c := range Cases() {
		if !slices.IsSorted(c.IDs) {
			t.Errorf("%q: IDs %q are not sorted", c.Name, c.IDs)
		}
		names = append(names, c.Name)
	}
	slices.Sort(names)
	if n := len(slices.Compact(slices.Clone(names))); n != len(names) {
		t.Errorf("%d of %d names are distinct", n, len(names))
	}
}
