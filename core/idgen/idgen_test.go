package idgen_test

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/ids"
	"github.com/lexigram/lexigram-go/contracts/ids/idstest"
	"github.com/lexigram/lexigram-go/core/idgen"
)

var (
	_ encoding.TextAppender = idgen.UUID{}
	_ encoding.TextAppender = idgen.ULID{}
	_ encoding.TextAppender = idgen.TypeID{}
)

func TestConformance(t *testing.T) {
	for _, s := range []ids.Strategy{"", ids.UUID4, ids.UUID7, ids.ULID, ids.Prefixed} {
		t.Run(string(s), func(t *testing.T) {
			idstest.Run(t, func(t *testing.T) ids.Generator {
				g, err := idgen.New(idgen.Options{Strategy: s})
				if err != nil {
					t.Fatal(err)
				}
				return g
			})
		})
	}
}

// The vectors of RFC 9562, appendix A.
func TestRFC9562(t *testing.T) {
	for _, c := range []struct {
		text    string
		version int
		millis  int64
	}{
		{"C232AB00-9414-11EC-B3C8-9F6BDECED846", 1, 0},
		{"5df41881-3aed-3515-88a7-2f4a814cf09e", 3, 0},
		{"919108f7-52d1-4320-9bac-f847db4148a8", 4, 0},
		{"2ed6657d-e927-568b-95e1-2665a8aea6a2", 5, 0},
		{"1EC9414C-232A-6B00-B3C8-9F6BDECED846", 6, 0},
		{"017F22E2-79B0-7CC3-98C4-DC0C0C07398F", 7, 0x017F22E279B0},
		{"00000000-0000-0000-0000-000000000000", 0, 0},
		{"FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", 15, 0},
	} {
		u, err := idgen.ParseUUID(c.text)
		if err != nil || u.String() != strings.ToLower(c.text) || u.Version() != c.version {
			t.Errorf("%s: %v of version %d, %v", c.text, u, u.Version(), err)
		}
		made, ok := u.Time()
		if ok != (c.version == 7) || ok && made != time.UnixMilli(c.millis).UTC() {
			t.Errorf("%s: made %v, %v", c.text, made, ok)
		}
	}
}

func TestULIDVector(t *testing.T) {
	const text = "01ARZ3NDEKTSV4RRFFQ69G5FAV" // of the ULID specification
	u, err := idgen.ParseULID(text)
	if err != nil || u.String() != text || u.Time().UnixMilli() != 1469922850259 {
		t.Errorf("%v made %d, %v", u, u.Time().UnixMilli(), err)
	}
	if again, err := idgen.ParseULID(strings.ToLower(text)); err != nil || again != u {
		t.Errorf("lower case: %v, %v", again, err)
	}
}

// The vectors of the TypeID specification, version 0.3.
func TestTypeIDVectors(t *testing.T) {
	for _, c := range [][3]string{
		{"00000000000000000000000000", "", "00000000-0000-0000-0000-000000000000"},
		{"00000000000000000000000001", "", "00000000-0000-0000-0000-000000000001"},
		{"0000000000000000000000000a", "", "00000000-0000-0000-0000-00000000000a"},
		{"0000000000000000000000000g", "", "00000000-0000-0000-0000-000000000010"},
		{"00000000000000000000000010", "", "00000000-0000-0000-0000-000000000020"},
		{"7zzzzzzzzzzzzzzzzzzzzzzzzz", "", "ffffffff-ffff-ffff-ffff-ffffffffffff"},
		{"prefix_0123456789abcdefghjkmnpqrs", "prefix", "0110c853-1d09-52d8-d73e-1194e95b5f19"},
		{"prefix_01h455vb4pex5vsknk084sn02q", "prefix", "01890a5d-ac96-774b-bcce-b302099a8057"},
		{"pre_fix_00000000000000000000000000", "pre_fix", "00000000-0000-0000-0000-000000000000"},
	} {
		id, err := idgen.ParseTypeID(c[0])
		if err != nil || id.Prefix() != c[1] || id.UUID().String() != c[2] || id.String() != c[0] {
			t.Errorf("%s: %q %v, %v", c[0], id.Prefix(), id.UUID(), err)
		}
		if made, err := idgen.NewTypeID(c[1], id.UUID()); err != nil || made != id {
			t.Errorf("%s: made %v, %v", c[0], made, err)
		}
	}
	const zero = "00000000000000000000000000"
	for _, text := range []string{
		"PREFIX_" + zero, "12345_" + zero, "pre.fix_" + zero, "préfix_" + zero, "  prefix_" + zero,
		"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijkl_" + zero,
		"_" + zero, "_", "prefix_1234567890123456789012345", "prefix_123456789012345678901234567",
		"prefix_1234567890123456789012345 ", "prefix_0123456789ABCDEFGHJKMNPQRS",
		"prefix_123456789-123456789-123456", "prefix_ooooooiiiiiiuuuuuuulllllll",
		"prefix_i23456789ol23456789oi23456", "prefix_123456789-0123456789-0123456",
		"prefix_8zzzzzzzzzzzzzzzzzzzzzzzzz", "_prefix_" + zero, "prefix__" + zero, "", "prefix_",
	} {
		if id, err := idgen.ParseTypeID(text); !errors.Is(err, ids.Err) {
			t.Errorf("%q: %v, %v", text, id, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, text := range []string{
		"", "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e279b07cc398c4dc0c0c07398f", "urn:uuid:017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
		"017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4xdc0c0c07398f", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ", "-17f22e2-79b0-7cc3-98c4--c0c0c07398f",
	} {
		if u, err := idgen.ParseUUID(text); !errors.Is(err, ids.Err) || u != (idgen.UUID{}) {
			t.Errorf("ParseUUID(%q) = %v, %v", text, u, err)
		}
	}
	for _, text := range []string{
		"", "81ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FAU", "O1ARZ3NDEKTSV4RRFFQ69G5FAV", "01ARZ3NDEKTSV4RRFFQ69G5FA",
		"01ARZ3NDEKTSV4RRFFQ69G5FAVV", "01ARZ3NDEKTSV4RRFFQ69G5FA\x00", "ÿ1ARZ3NDEKTSV4RRFFQ69G5FA",
	} {
		if u, err := idgen.ParseULID(text); !errors.Is(err, ids.Err) || u != (idgen.ULID{}) {
			t.Errorf("ParseULID(%q) = %v, %v", text, u, err)
		}
	}
}

func TestJSON(t *testing.T) {
	var source idgen.Source
	type all struct {
		U idgen.UUID
		L idgen.ULID
		T idgen.TypeID
	}
	id, err := idgen.NewTypeID("user", source.UUID7())
	in := all{source.UUID7(), source.ULID(), id}
	text, err2 := json.Marshal(in)
	var out all
	if err := errors.Join(err, err2, json.Unmarshal(text, &out)); err != nil || out != in {
		t.Errorf("%s: %v, %v", text, out, err)
	}
	for _, field := range []string{`"U":""`, `"L":"x"`, `"T":1`} {
		if err := json.Unmarshal([]byte("{"+field+"}"), &out); err == nil || out != in {
			t.Errorf("%s: %v, %v", field, out, err)
		}
	}
}

func TestUUID4(t *testing.T) {
	var or, and idgen.UUID
	for i := range and {
		and[i] = 0xff
	}
	for range 200 {
		u := idgen.UUID4()
		for i := range u {
			or[i] |= u[i]
			and[i] &= u[i]
		}
	}
	wantOr, wantAnd := bytes.Repeat([]byte{0xff}, 16), make([]byte, 16)
	wantOr[6], wantAnd[6] = 0x4f, 0x40
	wantOr[8], wantAnd[8] = 0xbf, 0x80
	if !bytes.Equal(or[:], wantOr) || !bytes.Equal(and[:], wantAnd) {
		t.Errorf("bits that are ever set: %x, always set: %x", or, and)
	}
}

// TestClockSteps: whatever the clock does, IDs go on in their order, and tell
// the time of the clock unless it went back.
func TestClockSteps(t *testing.T) {
	var c clocktest.Fake
	source := idgen.Source{Clock: &c}
	var last idgen.UUID
	next := func(want time.Time) {
		t.Helper()
		for range 5_000 { // more than a counter of 12 bits holds
			u := source.UUID7()
			if bytes.Compare(u[:], last[:]) <= 0 {
				t.Fatalf("%v after %v", u, last)
			}
			last = u
		}
		if made, ok := last.Time(); !ok || made != want {
			t.Errorf("it says %v, want %v", made, want)
		}
	}
	start := c.Now()
	next(start)
	c.Advance(time.Hour)
	next(start.Add(time.Hour))
	c.Step(-24 * time.Hour)
	c.Advance(time.Millisecond)
	next(start.Add(time.Hour)) // as before the step
	c.Advance(25 * time.Hour)
	next(start.Add(2*time.Hour + time.Millisecond)) // caught up
	c.Step(365 * 24 * time.Hour)
	c.Advance(time.Millisecond)
	next(start.Add(365*24*time.Hour + 2*time.Hour + 2*time.Millisecond))
	c.Step(-100 * 365 * 24 * time.Hour) // before 1970
	c.Advance(time.Millisecond)
	next(start.Add(365*24*time.Hour + 2*time.Hour + 2*time.Millisecond))
}

func TestBefore1970(t *testing.T) {
	var c clocktest.Fake
	c.Step(-100 * 365 * 24 * time.Hour)
	source := idgen.Source{Clock: &c}
	a, b := source.UUID7(), source.UUID7()
	if made, ok := a.Time(); !ok || !made.Equal(time.UnixMilli(0)) || bytes.Compare(a[:], b[:]) >= 0 {
		t.Errorf("%v, %v", a, b)
	}
}

// TestULIDOrder: ULIDs and UUIDs of a source share one order in time.
func TestULIDOrder(t *testing.T) {
	source := idgen.Source{Clock: new(clocktest.Fake)}
	last := source.ULID()
	for range 100_000 {
		next := source.ULID()
		if bytes.Compare(next[:], last[:]) <= 0 || next.String() <= last.String() {
			t.Fatalf("%v after %v", next, last)
		}
		last = next
	}
}

func TestSourceConcurrentSafe(t *testing.T) {
	var source idgen.Source
	made := make([][]idgen.UUID, 8)
	var wg sync.WaitGroup
	for i := range made {
		wg.Go(func() {
			for range 20_000 {
				made[i] = append(made[i], source.UUID7())
			}
		})
	}
	wg.Wait()
	var all []idgen.UUID
	for _, list := range made {
		if !slices.IsSortedFunc(list, compare) {
			t.Error("a goroutine saw IDs go back")
		}
		all = append(all, list...)
	}
	slices.SortFunc(all, compare)
	for i := 1; i < len(all); i++ {
		if bytes.Equal(all[i][:8], all[i-1][:8]) && all[i][8]<<2 == all[i-1][8]<<2 { // time and fraction, but for what is random
			if all[i] == all[i-1] {
				t.Fatalf("%v twice", all[i])
			}
		}
	}
}

func compare(a, b idgen.UUID) int { return bytes.Compare(a[:], b[:]) }

func TestNewRefuses(t *testing.T) {
	for want, o := range map[string]idgen.Options{
		"strategy is not one of": {Strategy: "snowflake"},
		"prefixes.User is not":   {Prefixes: map[string]string{"User": "U"}},
		"prefixes.Order is not":  {Prefixes: map[string]string{"Order": ""}},
	} {
		if g, err := idgen.New(o); g != nil || !errors.Is(err, ids.Err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestPrefixes(t *testing.T) {
	g, err := idgen.New(idgen.Options{Strategy: ids.Prefixed, Prefixes: map[string]string{"Customer": "cust_omer"}})
	if err != nil {
		t.Fatal(err)
	}
	for entity, want := range map[string]string{"Customer": "cust_omer_", "customer": "cus_", "User Account": "use_", "9a-B": "ab_", "42": "", "": "", "ünï": "n_"} {
		if id := g.NewIDFor(entity); id[:len(id)-26] != want {
			t.Errorf("NewIDFor(%q) = %q, want the prefix %q", entity, id, want)
		} else if _, err := idgen.ParseTypeID(id); err != nil {
			t.Error(err)
		}
	}
}

func TestAllocations(t *testing.T) {
	var source idgen.Source
	var u idgen.UUID
	g, err := idgen.New(idgen.Options{Strategy: ids.Prefixed})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		fn   func()
		want float64
	}{
		"UUID7":      {func() { u = source.UUID7() }, 0},
		"ULID":       {func() { u = idgen.UUID(source.ULID()) }, 0},
		"UUID4":      {func() { u = idgen.UUID4() }, 1}, // crypto/rand's, with the race detector
		"UUID7 text": {func() { _ = source.UUID7().String() }, 1},
		"prefixed":   {func() { sink = g.NewIDFor("user") }, 1},
		"parse":      {func() { _, _ = idgen.ParseUUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f") }, 0},
	} {
		if got := testing.AllocsPerRun(200, c.fn); got > c.want {
			t.Errorf("%s: %v allocations, want %v", name, got, c.want)
		}
	}
	_ = u
}

var sink string

func BenchmarkUUID7(b *testing.B) {
	var source idgen.Source
	b.ReportAllocs()
	for b.Loop() {
		source.UUID7()
	}
}

func BenchmarkUUID7Parallel(b *testing.B) {
	var source idgen.Source
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			source.UUID7()
		}
	})
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"017f22e2-79b0-7cc3-98c4-dc0c0c07398f", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "user_01h455vb4pex5vsknk084sn02q", "_", "", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if u, err := idgen.ParseUUID(text); err == nil && u.String() != strings.ToLower(text) {
			t.Errorf("UUID %q is %v", text, u)
		}
		if u, err := idgen.ParseULID(text); err == nil && u.String() != strings.ToUpper(text) {
			t.Errorf("ULID %q is %v", text, u)
		}
		if id, err := idgen.ParseTypeID(text); err == nil && id.String() != text {
			t.Errorf("TypeID %q is %v", text, id)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("0123456789abcdef"), "user")
	f.Fuzz(func(t *testing.T, b []byte, prefix string) {
		if len(b) < 16 {
			return
		}
		u := idgen.UUID(b[:16])
		if again, err := idgen.ParseUUID(u.String()); err != nil || again != u {
			t.Errorf("%v, %v", again, err)
		}
		if again, err := idgen.ParseULID(idgen.ULID(u).String()); err != nil || idgen.UUID(again) != u {
			t.Errorf("%v, %v", again, err)
		}
		id, err := idgen.NewTypeID(prefix, u)
		if err != nil {
			return
		}
		if again, err := idgen.ParseTypeID(id.String()); err != nil || again != id {
			t.Errorf("%v, %v", again, err)
		}
	})
}
