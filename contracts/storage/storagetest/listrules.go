package storagetest

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

var listRules = []rule{
	{
		name:     "list",
		says:     "List yields blobs whose key begins with prefix, any bytes and not only whole segments, in byte order of key",
		optional: true,
		check: func(e *env) error {
			keys := append(slices.Clone(odd),
				"pre", "pre-x", "pre/", "prefix/a", "prefix/a-b", "prefix/a/b", "prefix/ab", "prefix/a.b", "prefix/a0",
				"z/"+strings.Repeat("y", 200), "z/"+strings.Repeat("y", 200)+"-", "z/"+strings.Repeat("y", 200)+"/x", "z/"+strings.Repeat("y", 200)+"0", "z/"+strings.Repeat("y", 80), "z/"+strings.Repeat("y", 80)+"/x")
			keys = slices.DeleteFunc(keys, func(k string) bool { return storage.CheckKey(k) != nil })
			for _, key := range keys {
				if _, err := e.put(key, "v"); err != nil {
					return err
				}
			}
			slices.Sort(keys)
			prefixes := []string{"", "a", "A", "a/", "a/b/xxx", "pre", "prefix/", "prefix/a", "prefix/a/", "é", "\xc3", "%", "%2", "z/" + strings.Repeat("y", 100), strings.Repeat("d/", 300), "nothing", "/", "a//", "..", "../", "\x00"}
			for _, prefix := range prefixes {
				want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !strings.HasPrefix(k, prefix) })
				got, err := e.keys(prefix)
				if err != nil {
					return err
				}
				if !slices.Equal(got, want) {
					return fmt.Errorf("List(%q) = %.60q, want %.60q", prefix, got, want)
				}
			}
			return nil
		},
	},
	{
		name:     "a long listing",
		says:     "List yields blobs whose key begins with prefix, however many those are",
		optional: true,
		check:    checkLongListing,
	},
	{
		name:     "list says what Stat says",
		says:     "an Info of List is that of Stat; it may lack ContentType and Metadata",
		optional: true,
		check: func(e *env) error {
			if _, err := e.put("k", "value", storage.ContentType("text/plain"), storage.Metadata(map[string]string{"a": "b"})); err != nil {
				return err
			}
			stat, err := e.s.Stat(e.ctx, "k")
			if err != nil {
				return err
			}
			for info, err := range storage.List(e.ctx, e.s, "k") {
				if err != nil {
					return err
				}
				if info.Key != "k" || info.Size != 5 || info.ETag != stat.ETag || !info.ModTime.Equal(stat.ModTime) ||
					info.ContentType != "" && info.ContentType != "text/plain" || len(info.Metadata) > 0 && info.Metadata["a"] != "b" {
					return fmt.Errorf("List says %+v, Stat %+v", info, stat)
				}
			}
			return nil
		},
	},
	{
		name:     "leaving a listing",
		says:     "a loop over List may be left; nothing is yielded afterwards",
		optional: true,
		check: func(e *env) error {
			for i := range 10 {
				if _, err := e.put(fmt.Sprintf("d%d/k", i), "v"); err != nil {
					return err
				}
			}
			n := 0
			for _, err := range storage.List(e.ctx, e.s, "") {
				if err != nil {
					return err
				}
				if n++; n == 3 {
					break
				}
			}
			return e.holds("d3/k", "v")
		},
	},
	{
		name:     "a loop that changes what it lists",
		says:     "a blob that is there from beginning to end comes once",
		optional: true,
		check: func(e *env) error {
			for i := range 10 {
				if _, err := e.put(fmt.Sprintf("d%d/k", i), "v"); err != nil {
					return err
				}
			}
			var got []string
			for info, err := range storage.List(e.ctx, e.s, "d") {
				if err != nil {
					return fmt.Errorf("List while blobs are deleted: %w", err)
				}
				got = append(got, info.Key)
				if info.Key == "d2/k" {
					for _, key := range []string{"d2/k", "d5/k"} {
						if err := e.s.Delete(e.ctx, key); err != nil {
							return err
						}
					}
				}
			}
			got = slices.DeleteFunc(got, func(k string) bool { return k == "d5/k" })
			want := []string{"d0/k", "d1/k", "d2/k", "d3/k", "d4/k", "d6/k", "d7/k", "d8/k", "d9/k"}
			if !slices.Equal(got, want) {
				return fmt.Errorf("List while d2/k and d5/k are deleted = %q, want %q", got, want)
			}
			return nil
		},
	},
	{
		name:     "nothing half written is listed",
		says:     "a reader sees either the old blob or the new one, whole: List shows no blob, and nothing temporary, before Put's step",
		optional: true,
		check: func(e *env) error {
			if _, err := e.put("a", "v"); err != nil {
				return err
			}
			r := newScript(letters(e.large), func() error {
				keys, err := e.keys("")
				if err != nil {
					return err
				}
				if !slices.Equal(keys, []string{"a"}) {
					return fmt.Errorf("List while b is written = %q, want only %q", keys, "a")
				}
				if err := e.absent("b"); err != nil {
					return err
				}
				return io.EOF
			})
			if _, err := e.s.Put(e.ctx, "b", r); err != nil {
				return err
			}
			if _, err := e.s.Put(e.ctx, "c", newScript("v", func() error { return errors.New("cut") })); err == nil {
				return errors.New("Put of a reader that fails = nil")
			}
			keys, err := e.keys("")
			if err == nil && !slices.Equal(keys, []string{"a", "b"}) {
				err = fmt.Errorf("List after a Put that failed = %q, want %q", keys, []string{"a", "b"})
			}
			return err
		},
	},
	{
		name:     "a listing that fails",
		says:     "an error comes once, last, with the zero Info",
		optional: true,
		check: func(e *env) error {
			if _, err := e.put("k", "v"); err != nil {
				return err
			}
			ctx, cause := ended(e.ctx)
			n := 0
			for info, err := range storage.List(ctx, e.s, "") {
				if errors.Is(err, errors.ErrUnsupported) {
					return err
				}
				n++
				if !errors.Is(err, cause) || info.Key != "" {
					return fmt.Errorf("List with a context that has ended = %+v, %v, want the cause", info, err)
				}
			}
			if n != 1 {
				return fmt.Errorf("List with a context that has ended yielded %d times, want once", n)
			}
			return nil
		},
	},
}

// checkLongListing lists more blobs than the pages of stores hold.
func checkLongListing(e *env) error {
	if _, err := e.keys(""); err != nil {
		return err
	}
	const writers, each = 16, 63
	failed := make([]error, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				_, err := e.put(fmt.Sprintf("long/%02d-%02d", w, i), "")
				failed[w] = errors.Join(failed[w], err)
			}
		})
	}
	wg.Wait()
	if err := errors.Join(failed...); err != nil {
		return err
	}
	got, err := e.keys("long/")
	if err != nil {
		return err
	}
	if slices.Sort(got); len(slices.Compact(got)) != writers*each {
		return fmt.Errorf("List yielded %d of %d blobs", len(slices.Compact(got)), writers*each)
	}
	return nil
}

var copyRules = []rule{
	{
		name: "copy",
		says: "Copy writes from's bytes, content type and metadata under to; there is a from, or the error wraps ErrNotFound",
		check: func(e *env) error {
			m := map[string]string{"a": "b"}
			text := letters(e.large)
			if _, err := e.put("from", text, storage.ContentType("text/plain"), storage.Metadata(m)); err != nil {
				return err
			}
			if _, err := e.put("to", "old", storage.ContentType("text/html"), storage.Metadata(map[string]string{"a": "c", "d": "e"})); err != nil {
				return err
			}
			for _, to := range []string{"to", "to", "from", "from/below"} {
				info, err := storage.Copy(e.ctx, e.s, "from", to, storage.Preconditions{})
				if err != nil {
					return fmt.Errorf("Copy(from, %s) = %w", to, err)
				}
				stat, err := e.s.Stat(e.ctx, to)
				if err != nil {
					return err
				}
				if info.Key != to || info.ETag != stat.ETag {
					return fmt.Errorf("Copy(from, %s) = %+v, Stat says %+v", to, info, stat)
				}
				if err := errors.Join(e.holds(to, text), sameMetadata("the copy", stat, "text/plain", m)); err != nil {
					return err
				}
			}
			_, err := storage.Copy(e.ctx, e.s, "absent", "to", storage.Preconditions{})
			return errors.Join(want("Copy(absent, to)", err, storage.ErrNotFound), e.holds("to", text), e.holds("from", text))
		},
	},
	{
		name: "copy under conditions",
		says: "the preconditions of Copy are about to",
		check: func(e *env) error {
			from, err := e.put("from", "new")
			if err != nil {
				return err
			}
			to, err := e.put("to", "old")
			if err != nil {
				return err
			}
			for what, pre := range map[string]storage.Preconditions{"IfAbsent": {IfAbsent: true}, "from's ETag": {IfMatch: from.ETag}} {
				_, err = storage.Copy(e.ctx, e.s, "from", "to", pre)
				if err := errors.Join(want("Copy with "+what, err, storage.ErrPrecondition), e.holds("to", "old")); err != nil {
					return err
				}
			}
			_, errMatch := storage.Copy(e.ctx, e.s, "from", "to", storage.Preconditions{IfMatch: to.ETag})
			_, errAbsent := storage.Copy(e.ctx, e.s, "from", "third", storage.Preconditions{IfAbsent: true})
			return errors.Join(errMatch, errAbsent, e.holds("to", "new"), e.holds("third", "new"))
		},
	},
}
