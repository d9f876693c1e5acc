package storagetest

import (
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// odd are keys that are valid, and that file systems, URLs or careless code mix
// up, change or refuse.
var odd = []string{
	"a", "A", "a/b", "a/B", "A/b", "a/b/" + strings.Repeat("x", 900), "a/b/" + strings.Repeat("x", 901),
	strings.Repeat("k", 1024), strings.Repeat("d/", 511) + "dd",
	".hidden", "..hidden", "...", "trailing.", "trailing..", "trailing ", " leading", "dir./file", "dir /file",
	"con", "CON", "con.txt", "nul", "aux.tar.gz", "com1", "lpt9.log", "PRN/x",
	"%", "%41", "%2f", "%2e%2e", "a%2fb", "a+b", "a=b", "a=", "a+", "a%", "a~1", "a#b", "a?b", "a&b", "a:b", "a*b", `a\b`, `a"b`, "a'b", "a<b>|c", "$HOME",
	"tab\there", "line\nfeed", "bell\a", "del\x7f",
	"é", "e\u0301", "日本語", "😀", "ß", "ẞ", "İ", "ı", "\u200b", "\ufeffbom",
	"-", "-rf", "--", "a-b", "a.b", "tmp", "blobs/tmp", "a.tmp", ".lock",
}

// invalid are keys that CheckKey refuses.
var invalid = []string{"", "/", "/a", "a/", "a//b", ".", "..", "a/.", "a/..", "../a", "a/../b", "./a", "a\x00b", "\xff", strings.Repeat("k", 1025)}

var keyRules = []rule{
	{
		name: "keys are bytes",
		says: `keys are bytes: "a", "A", "a/b" and "a/b/" + 900 letters are different blobs and may all exist`,
		check: func(e *env) error {
			for _, key := range odd {
				if _, err := e.put(key, "value of "+key); err != nil {
					return err
				}
			}
			for _, key := range odd {
				if err := e.holds(key, "value of "+key); err != nil {
					return err
				}
			}
			// Every second one goes: its neighbours in the list are those that it may be taken for.
			for i, key := range odd {
				if i%2 == 1 {
					continue
				}
				if err := e.s.Delete(e.ctx, key); err != nil {
					return fmt.Errorf("Delete(%.40q) = %w", key, err)
				}
			}
			for i, key := range odd {
				check := e.absent
				if i%2 == 1 {
					check = func(key string) error { return e.holds(key, "value of "+key) }
				}
				if err := check(key); err != nil {
					return fmt.Errorf("after every second key was deleted: %w", err)
				}
			}
			return nil
		},
	},
	{
		name: "invalid keys",
		says: "keys obey CheckKey, which every method of every backend calls first",
		check: func(e *env) error {
			ctx, _ := ended(e.ctx) // the key is refused even then
			if _, err := e.put("valid", "v"); err != nil {
				return err
			}
			for _, key := range invalid {
				_, errPut := e.s.Put(ctx, key, strings.NewReader("v"))
				_, errOpen := e.s.Open(ctx, key)
				_, errStat := e.s.Stat(ctx, key)
				_, errFrom := storage.Copy(ctx, e.s, key, "valid", storage.Preconditions{})
				for method, err := range map[string]error{
					"Put": errPut, "Open": errOpen, "Stat": errStat, "Copy from": errFrom, "Delete": e.s.Delete(ctx, key),
				} {
					if err := want(fmt.Sprintf("%s(%.40q)", method, key), err, storage.ErrKey); err != nil {
						return err
					}
				}
				_, err := storage.Copy(e.ctx, e.s, "valid", key, storage.Preconditions{})
				if err := want(fmt.Sprintf("Copy to(%.40q)", key), err, storage.ErrKey); err != nil {
					return err
				}
			}
			return e.holds("valid", "v")
		},
	},
}
