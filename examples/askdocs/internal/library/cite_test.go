package library

import (
	"strings"
	"testing"
)

func TestCiterNumbersByFirstUse(t *testing.T) {
	hits := []Hit{{Ref: "a", Text: "m[1][2] = x[2] + x[7] "}, {Ref: "b"}, {Ref: "c"}, {Ref: "d"}}
	for _, c := range []struct {
		text, want string
		refs       []string
	}{
		{"One. [4] Two. [2][4] Three. [1]", "One. [1] Two. [2][1] Three. [3]", []string{"d", "b", "a"}},
		{"No such source. [9] Nor [0].", "No such source.  Nor .", nil},
		{"An a[i], a[10:], [x] and [12345] stay. [3]", "An a[i], a[10:], [x] and [12345] stay. [1]", []string{"c"}},
		{"It is x[2] + x[7]. [4]", "It is x[2] + x[7]. [1]", []string{"d"}},
		{"Set m[1][2].[2][1]", "Set m[1][2].[1][2]", []string{"b", "a"}},
		{"Two words[2], three[9]", "Two words[1], three", []string{"b"}},
		{"[", "[", nil},
		{"[1", "[1", nil},
		{"", "", nil},
	} {
		for step := 1; step <= len(c.text)+1; step++ { // however the text is cut into chunks
			cite := newCiter(hits)
			var got strings.Builder
			for rest := c.text; rest != ""; {
				n := min(step, len(rest))
				got.WriteString(cite.write(rest[:n]))
				rest = rest[n:]
			}
			got.WriteString(cite.rest())
			var refs []string
			for i, o := range cite.out {
				if o.Number != i+1 {
					t.Errorf("%q: citation %d has number %d", c.text, i, o.Number)
				}
				refs = append(refs, o.Ref)
			}
			if got.String() != c.want || strings.Join(refs, " ") != strings.Join(c.refs, " ") {
				t.Errorf("%q in steps of %d: %q %q, want %q %q", c.text, step, got.String(), refs, c.want, c.refs)
			}
		}
	}
}
