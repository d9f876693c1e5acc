package storagetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

var readRules = []rule{
	{
		name: "not found",
		says: "Open and Stat return an error wrapping ErrNotFound, which is fs.ErrNotExist",
		check: func(e *env) error {
			if _, err := e.put("a/b", "v"); err != nil {
				return err
			}
			for _, key := range []string{"absent", "a", "a/b/c", "a/bb"} {
				_, errOpen := e.s.Open(e.ctx, key)
				_, errStat := e.s.Stat(e.ctx, key)
				if err := errors.Join(want("Open("+key+")", errOpen, storage.ErrNotFound), want("Stat("+key+")", errStat, storage.ErrNotFound),
					want("Open("+key+")", errOpen, fs.ErrNotExist)); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "stat",
		says: "Stat returns what Open would say; ModTime is when the blob was written",
		check: func(e *env) error {
			if _, err := e.put("k", "value", storage.Metadata(map[string]string{"a": "b"})); err != nil {
				return err
			}
			stat, err := e.s.Stat(e.ctx, "k")
			if err != nil {
				return err
			}
			_, open, err := e.get("k")
			if err != nil {
				return err
			}
			if stat.Key != open.Key || stat.Size != open.Size || stat.ETag != open.ETag || stat.ContentType != open.ContentType ||
				!stat.ModTime.Equal(open.ModTime) || !maps.Equal(stat.Metadata, open.Metadata) || stat.Size != 5 {
				return fmt.Errorf("Stat = %+v, Open says %+v", stat, open)
			}
			if stat.ModTime.Year() < 2000 {
				return fmt.Errorf("ModTime is %v", stat.ModTime)
			}
			return nil
		},
	},
	{
		name: "ranges",
		says: "Range reads length bytes from offset; a length of 0, or beyond the end, reads to the end; Info is of the whole blob",
		check: func(e *env) error {
			text := letters(e.large)
			if _, err := e.put("k", text); err != nil {
				return err
			}
			n := int64(len(text))
			for _, r := range [][2]int64{{0, 0}, {0, 1}, {1, 0}, {7, 100_000}, {n - 1, 1}, {n - 1, 0}, {n - 3, 100}, {n, 0}, {n, 5}, {0, n}, {0, n + 1}, {0, math.MaxInt64}, {5, math.MaxInt64}} {
				want := text[r[0]:]
				if r[1] > 0 && r[1] < int64(len(want)) {
					want = want[:r[1]]
				}
				got, info, err := e.get("k", storage.Range(r[0], r[1]))
				if err != nil {
					return fmt.Errorf("Range(%d, %d): %w", r[0], r[1], err)
				}
				if got != want || info.Size != n {
					return fmt.Errorf("Range(%d, %d) = %s of a blob of %d bytes, want %s of %d", r[0], r[1], short(got), info.Size, short(want), n)
				}
			}
			if _, err := e.put("empty", ""); err != nil {
				return err
			}
			if got, _, err := e.get("empty", storage.Range(0, 10)); err != nil || got != "" {
				return fmt.Errorf("Range(0, 10) of an empty blob = %q, %v", got, err)
			}
			return nil
		},
	},
	{
		name: "ranges outside",
		says: "an offset of more than the size is ErrRange, and so is a negative number",
		check: func(e *env) error {
			if _, err := e.put("k", "12345"); err != nil {
				return err
			}
			for _, r := range [][2]int64{{6, 0}, {6, 1}, {math.MaxInt64, 1}, {-1, 0}, {0, -1}, {-1, -1}, {math.MinInt64, 0}} {
				b, err := e.s.Open(e.ctx, "k", storage.Range(r[0], r[1]))
				if err == nil {
					b.Close()
				}
				if err := want(fmt.Sprintf("Open(Range(%d, %d)) of 5 bytes", r[0], r[1]), err, storage.ErrRange); err != nil {
					return err
				}
			}
			return nil
		},
	},
	{
		name: "an open blob stays what it was",
		says: "a blob that is open stays what it was",
		check: func(e *env) error {
			changes := map[string]func() error{
				"overwritten": func() error { _, err := e.put("k", strings.ToUpper(letters(e.large))); return err },
				"deleted":     func() error { return e.s.Delete(e.ctx, "k") },
			}
			for what, change := range changes {
				text := letters(e.large)
				if _, err := e.put("k", text); err != nil {
					return err
				}
				got, err := readAround(e, change)
				if err != nil {
					return fmt.Errorf("reading a blob that is %s meanwhile: %w", what, err)
				}
				if got != text {
					return fmt.Errorf("a blob that was %s while it was open reads %s, want %s", what, short(got), short(text))
				}
			}
			return nil
		},
	},
	{
		name: "cancelling ends reading",
		says: "cancelling Open's ctx ends reading",
		check: func(e *env) error {
			if _, err := e.put("k", letters(e.large)); err != nil {
				return err
			}
			ctx, cancel := context.WithCancel(e.ctx)
			defer cancel()
			b, err := e.s.Open(ctx, "k")
			if err != nil {
				return err
			}
			defer b.Close()
			if _, err := io.ReadFull(b, make([]byte, 100)); err != nil {
				return err
			}
			cancel()
			if n, err := io.Copy(io.Discard, b); err == nil {
				return fmt.Errorf("%d more bytes and the end were read after the context ended", n)
			}
			return nil
		},
	},
}

// readAround reads k, and makes a change after its first bytes.
func readAround(e *env, change func() error) (string, error) {
	b, err := e.s.Open(e.ctx, "k")
	if err != nil {
		return "", err
	}
	defer b.Close()
	head := make([]byte, 100)
	if _, err := io.ReadFull(b, head); err != nil {
		return "", err
	}
	if err := change(); err != nil {
		return "", err
	}
	tail, err := io.ReadAll(b)
	return string(head) + string(tail), err
}
