package cursor_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/page"
	"github.com/lexigram/lexigram-go/contracts/page/pagetest"
	"github.com/lexigram/lexigram-go/core/cursor"
)

func key(id string) cursor.Key {
	return cursor.Key{ID: id, Secret: config.NewSecret(id + strings.Repeat("x", 32))}
}

func codec(t testing.TB, ids ...string) *cursor.Codec {
	t.Helper()
	var o cursor.Options
	for _, id := range ids {
		o.Keys = append(o.Keys, key(id))
	}
	c, err := cursor.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

type position struct {
	Name string
	ID   int64
}

const list = "users by name"

func encode(t testing.TB, c *cursor.Codec, p any) string {
	t.Helper()
	text, err := c.Encode(list, p)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestPages is a source of pages whose cursors the codec makes.
func TestPages(t *testing.T) {
	c := codec(t, "a")
	pagetest.Run(t, func(_ *testing.T, n int) page.Fetch[page.Cursor[int]] {
		return func(ctx context.Context, text string, limit int) (p page.Cursor[int], err error) {
			from := 0
			if err := page.CheckLimit(limit); err != nil {
				return p, err
			}
			if text != "" {
				if err := c.Decode(list, text, &from); err != nil {
					return p, err
				}
			}
			if ctx.Err() != nil {
				return p, context.Cause(ctx)
			}
			to := min(from+limit, n)
			for i := from; i < to; i++ {
				p.Items = append(p.Items, i)
			}
			if to < n {
				p.Next, err = c.Encode(list, to)
			}
			return p, err
		}
	})
}

func TestRoundTrip(t *testing.T) {
	c := codec(t, "a")
	for _, want := range []position{{}, {"Ada", 42}, {"\x00<&> ünï\u2028", math.MaxInt64}, {strings.Repeat("n", 500), math.MinInt64}} {
		text := encode(t, c, want)
		if strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" || len(text) > cursor.MaxSize {
			t.Errorf("%q needs escaping in a URL, or is too long", text)
		}
		var got position
		if err := c.Decode(list, text, &got); err != nil || got != want {
			t.Errorf("%+v became %+v, %v", want, got, err)
		}
	}
}

// TestTampering: no cursor with one bit changed is one, and no text but the very same.
func TestTampering(t *testing.T) {
	c := codec(t, "key", "kez")
	text := encode(t, c, position{"Ada", 42})
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what, list, text string) {
		t.Helper()
		p := position{"before", 1}
		if err := c.Decode(list, text, &p); !errors.Is(err, page.ErrCursor) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want ErrCursor", what, err)
		}
		if p != (position{"before", 1}) {
			t.Errorf("%s: the position became %v", what, p)
		}
	}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			refused(fmt.Sprintf("bit %d of byte %d", bit, i), list, base64.RawURLEncoding.EncodeToString(raw))
			raw[i] ^= 1 << bit
		}
	}
	for n := range len(raw) {
		refused(fmt.Sprintf("the first %d bytes", n), list, base64.RawURLEncoding.EncodeToString(raw[:n]))
	}
	for what, text := range map[string]string{
		"padding": text + "=", "a line break": text[:10] + "\n" + text[10:], "more": text + "AAAA", "a blank": " " + text,
		"too long": strings.Repeat("A", 1<<20), "empty": "",
	} {
		refused(what, list, text)
	}
	for _, other := range []string{"", "users by nam", "users by namf", "Users by name", "users by name ", list + list} {
		refused("the list "+other, other, text)
	}
	for c, n := text[len(text)-1], 0; n < 64; n++ { // bits beyond the last byte
		last := "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[n]
		if last != c {
			refused("another last character", list, text[:len(text)-1]+string(last))
		}
	}
}

// TestListAndPositionDoNotMix: the end of a list's name cannot become the
// beginning of a position, nor the other way.
func TestListAndPositionDoNotMix(t *testing.T) {
	c := codec(t, "a")
	text, err := c.Encode("users1", 2)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	forged := append(raw[:len(raw)-1:len(raw)-1], "12"...)
	var n int
	if err := c.Decode("users", base64.RawURLEncoding.EncodeToString(forged), &n); !errors.Is(err, page.ErrCursor) {
		t.Errorf("the position is %d, %v", n, err)
	}
}

func TestRotation(t *testing.T) {
	old := encode(t, codec(t, "old"), position{"Ada", 42})
	both := codec(t, "new", "old")
	var p position
	if err := both.Decode(list, old, &p); err != nil || p.ID != 42 {
		t.Errorf("a cursor of the old key: %v, %v", p, err)
	}
	fresh := encode(t, both, position{"Ada", 42})
	for name, c := range map[string]*cursor.Codec{"both": both, "new": codec(t, "new")} {
		if err := c.Decode(list, fresh, &p); err != nil {
			t.Errorf("a cursor of the new key, with %s: %v", name, err)
		}
	}
	if err := codec(t, "new").Decode(list, old, &p); !errors.Is(err, page.ErrCursor) || !strings.Contains(err.Error(), "key is not in use") {
		t.Errorf("a cursor of a removed key: %v", err)
	}
	same, err := cursor.New(cursor.Options{Keys: []cursor.Key{{ID: "old", Secret: config.NewSecret(strings.Repeat("y", 32))}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := same.Decode(list, old, &p); !errors.Is(err, page.ErrCursor) {
		t.Errorf("a cursor of a key of the same name: %v", err)
	}
}

func TestShape(t *testing.T) {
	c := codec(t, "a")
	for what, decode := range map[string]func() error{
		"an unknown field": func() error {
			return c.Decode(list, encode(t, c, map[string]any{"Name": "x", "Age": 1}), new(position))
		},
		"another type": func() error { return c.Decode(list, encode(t, c, "x"), new(int)) },
		"too large":    func() error { return c.Decode(list, encode(t, c, 300), new(uint8)) },
	} {
		if err := decode(); !errors.Is(err, page.ErrCursor) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, p := range map[string]any{"a channel": make(chan int), "a long one": strings.Repeat("x", cursor.MaxSize), "NaN": math.NaN()} {
		if text, err := c.Encode(list, p); text != "" || !errors.Is(err, page.Err) || errors.Is(err, page.ErrCursor) {
			t.Errorf("%s: %q, %v", what, text, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	long := key("a")
	long.ID = strings.Repeat("k", 33)
	for want, keys := range map[string][]cursor.Key{
		"keys is empty":                        nil,
		"keys[0].id is not 1 to 32 bytes":      {key("")},
		"keys[1].id is not":                    {key("a"), long},
		"keys[1].id is that of another key":    {key("a"), key("a")},
		"keys[0].secret has less than 32 byte": {{ID: "a", Secret: config.NewSecret("hunter2")}},
	} {
		c, err := cursor.New(cursor.Options{Keys: keys})
		if c != nil || !errors.Is(err, page.Err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v: %v, want %q", keys, err, want)
		}
	}
}

func TestCodecConcurrentSafe(t *testing.T) {
	c := codec(t, "a", "b")
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 100 {
				text, err := c.Encode(list, i)
				if err != nil {
					t.Error(err)
				}
				var got int
				if err := c.Decode(list, text, &got); err != nil || got != i {
					t.Errorf("%d became %d, %v", i, got, err)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzDecode(f *testing.F) {
	c := codec(f, "a", "b")
	genuine := encode(f, c, position{"Ada", 42})
	f.Add(genuine)
	f.Add("")
	f.Add("AQFhAAAA")
	f.Fuzz(func(t *testing.T, text string) {
		var p position
		err := c.Decode(list, text, &p)
		if (err == nil) != (text == genuine) || err != nil && !errors.Is(err, page.ErrCursor) {
			t.Fatalf("%q: %v, %v", text, p, err)
		}
	})
}

func FuzzRoundTrip(f *testing.F) {
	c := codec(f, "a")
	f.Add(list, "Ada", int64(42))
	f.Fuzz(func(t *testing.T, list, name string, id int64) {
		text, err := c.Encode(list, position{name, id})
		if err != nil {
			return // it does not fit
		}
		var p position
		if err := c.Decode(list, text, &p); err != nil || p.ID != id || p.Name != name && utf8.ValidString(name) {
			t.Fatalf("%q %d became %v, %v", name, id, p, err)
		}
	})
}
