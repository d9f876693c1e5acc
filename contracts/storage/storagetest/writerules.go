package storagetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

var writeRules = []rule{
	{
		name: "round trip",
		says: "Put writes r to the end under key",
		check: func(e *env) error {
			for _, text := range []string{"", "\x00\xff\r\n\x1a", letters(1 << 16), letters(e.large)} {
				info, err := e.put("k", text)
				if err != nil {
					return err
				}
				if info.Key != "k" || info.Size != int64(len(text)) {
					return fmt.Errorf("Put(k) of %d bytes = key %q, size %d", len(text), info.Key, info.Size)
				}
				if err := e.holds("k", text); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "a reader of small pieces",
		says: "Put writes r to the end, however little it gives at once",
		check: func(e *env) error {
			text := letters(1000)
			r := io.MultiReader(oneByte{strings.NewReader(text[:500])}, oneByte{strings.NewReader(text[500:])})
			if _, err := e.s.Put(e.ctx, "k", r); err != nil {
				return err
			}
			return e.holds("k", text)
		},
	},
	{
		name: "a wrong size hint",
		says: "SizeHint says how many bytes the reader will probably give",
		check: func(e *env) error {
			for _, hint := range []int64{1, 999, 1_001, 10_000_000} {
				if _, err := e.put("k", letters(1000), storage.SizeHint(hint)); err != nil {
					return err
				}
				if err := e.holds("k", letters(1000)); err != nil {
					return fmt.Errorf("hint %d: %w", hint, err)
				}
			}
			return nil
		},
	},
	{
		name: "content type and metadata",
		says: "a blob has a content type, which is application/octet-stream by default, and metadata; a Put replaces both",
		check: func(e *env) error {
			m := map[string]string{"author": "Zoë", "x-1": "", "note": `a "b" <c> \ %41`}
			put, err := e.put("k", "v", storage.ContentType("text/plain; charset=utf-8"), storage.Metadata(m))
			if err != nil {
				return err
			}
			stat, err := e.s.Stat(e.ctx, "k")
			if err != nil {
				return err
			}
			_, open, err := e.get("k")
			for what, info := range map[string]storage.Info{"Put": put, "Stat": stat, "Open": open} {
				err = errors.Join(err, sameMetadata(what, info, "text/plain; charset=utf-8", m))
			}
			if err != nil {
				return err
			}
			if _, err := e.put("k", "w"); err != nil {
				return err
			}
			if stat, err = e.s.Stat(e.ctx, "k"); err != nil {
				return err
			}
			return sameMetadata("Stat after a Put without them", stat, "application/octet-stream", nil)
		},
	},
	{
		name: "invalid metadata",
		says: "CheckMetadata and CheckContentType: every backend's Put calls them first",
		check: func(e *env) error {
			long := strings.Repeat("x", 2049)
			for what, opt := range map[string]storage.PutOption{
				"upper case": storage.Metadata(map[string]string{"Author": "x"}), "no key": storage.Metadata(map[string]string{"": "x"}),
				"a line feed": storage.Metadata(map[string]string{"a": "x\ny"}), "invalid UTF-8": storage.Metadata(map[string]string{"a": "\xff"}),
				"too much": storage.Metadata(map[string]string{"a": long}), "a content type of two lines": storage.ContentType("text/plain\r\nx: y"),
				"a content type of 256 bytes": storage.ContentType(long[:256]),
			} {
				_, err := e.s.Put(e.ctx, "k", strings.NewReader("v"), opt)
				if err := errors.Join(want("Put with "+what, err, storage.ErrMetadata), e.absent("k")); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "maps are copied",
		says: "maps are copied in and out",
		check: func(e *env) error {
			m := map[string]string{"a": "before"}
			put, err := e.put("k", "v", storage.Metadata(m))
			if err != nil {
				return err
			}
			m["a"] = "after"
			put.Metadata["a"] = "after"
			stat, err := e.s.Stat(e.ctx, "k")
			if err != nil {
				return err
			}
			if err := sameMetadata("Stat", stat, "application/octet-stream", map[string]string{"a": "before"}); err != nil {
				return err
			}
			stat.Metadata["a"] = "after"
			_, open, err := e.get("k")
			return errors.Join(err, sameMetadata("Open", open, "application/octet-stream", map[string]string{"a": "before"}))
		},
	},
	{
		name: "a reader that fails",
		says: "if r ends earlier, the old blob stands; the error wraps r's",
		check: func(e *env) error {
			if _, err := e.put("old", "old"); err != nil {
				return err
			}
			broken := errors.New("the line is cut")
			for _, key := range []string{"old", "new"} {
				_, err := e.s.Put(e.ctx, key, newScript(letters(100_000), func() error { return broken }))
				if err := want("Put of a reader that fails", err, broken); err != nil {
					return err
				}
			}
			return errors.Join(e.holds("old", "old"), e.absent("new"))
		},
	},
	{
		name: "a reader that panics",
		says: "a panic of r is an error, an errs.PanicError; the old blob stands",
		check: func(e *env) error {
			if _, err := e.put("k", "old"); err != nil {
				return err
			}
			var err error
			if caught := errs.Catch(func() error {
				_, err = e.s.Put(e.ctx, "k", newScript("new", func() error { panic("no more") }))
				return nil
			}); caught != nil {
				return fmt.Errorf("Put let the panic of r pass: %w", caught)
			}
			return errors.Join(want("Put of a reader that panics", err, errs.ErrPanic), e.holds("k", "old"))
		},
	},
	{
		name: "a context that ends during Put",
		says: "if ctx ends earlier, the old blob stands",
		check: func(e *env) error {
			if _, err := e.put("k", "old"); err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(e.ctx)
			defer cancel()
			r := newScript(letters(100_000), func() error { cancel(); return io.EOF })
			if _, err := e.s.Put(ctx, "k", r); err == nil {
				return errors.New("Put whose context ended while it read = nil, want an error")
			}
			return e.holds("k", "old")
		},
	},
	{
		name: "the reader stays open",
		says: "Put does not close r",
		check: func(e *env) error {
			r := newScript("v", nil)
			_, err := e.s.Put(e.ctx, "k", r)
			if r.closed {
				err = errors.Join(err, errors.New("Put closed the reader"))
			}
			return err
		},
	},
	{
		name: "delete",
		says: "Delete removes the blob; a key without one is no error",
		check: func(e *env) error {
			if _, err := e.put("k", "v"); err != nil {
				return err
			}
			if _, err := e.put("k/below", "v"); err != nil {
				return err
			}
			for range 2 {
				if err := e.s.Delete(e.ctx, "k"); err != nil {
					return fmt.Errorf("Delete(k) = %w", err)
				}
			}
			return errors.Join(e.absent("k"), e.holds("k/below", "v"), e.s.Delete(e.ctx, "never/there"))
		},
	},
	{
		name:  "a context that has ended",
		says:  "a ctx that has ended is an error wrapping its cause from every method, which then has no effect",
		check: checkEnded,
	},
}

func checkEnded(e *env) error {
	if _, err := e.put("k", "old"); err != nil {
		return err
	}
	ctx, cause := ended(e.ctx)
	_, errPut := e.s.Put(ctx, "k", strings.NewReader("new"))
	_, errOpen := e.s.Open(ctx, "k")
	_, errStat := e.s.Stat(ctx, "k")
	_, errCopy := storage.Copy(ctx, e.s, "k", "copy", storage.Preconditions{})
	err := errors.Join(want("Put", errPut, cause), want("Open", errOpen, cause), want("Stat", errStat, cause),
		want("Copy", errCopy, cause), want("Delete", e.s.Delete(ctx, "k"), cause))
	for _, key := range []string{"absent", "a"} {
		_, errStat := e.s.Stat(ctx, key)
		err = errors.Join(err, want("Stat of an absent blob", errStat, cause))
	}
	for _, err1 := range storage.List(ctx, e.s, "") {
		if !errors.Is(err1, errors.ErrUnsupported) {
			err = errors.Join(err, want("List", err1, cause))
		}
	}
	return errors.Join(err, e.holds("k", "old"), e.absent("copy"))
}

// oneByte gives one byte at a time.
type oneByte struct{ r io.Reader }

func (o oneByte) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return o.r.Read(p[:1])
}
