package searchtest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/search"
)

// The words of these rules share no stem, and none is a beginning of another
// one unless the rule is about that.
var matchRules = []rule{
	{
		name: "every word",
		says: "a document matches if each word is a word of one of its texts",
		check: func(e *env) error {
			if err := e.engine.Index(e.ctx, index, doc("both", "the lamp near a window"), doc("one", "the lamp"), doc("other", "a window"),
				search.Document{ID: "across", Text: map[string]string{"title": "lamp", "body": "window"}}); err != nil {
				return err
			}
			return errors.Join(e.wantSet(search.Query{Text: "lamp window"}, "across", "both"), e.wantSet(search.Query{Text: "window the lamp"}, "both"))
		},
	},
	{
		name: "last word begins",
		says: "or begins one if it is the last",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp window", "b": "lamp wind", "c": "windowless lamp", "d": "lamp"}); err != nil {
				return err
			}
			return errors.Join(e.wantSet(search.Query{Text: "lamp windo"}, "a", "c"), e.wantSet(search.Query{Text: "lamp w"}, "a", "b", "c"))
		},
	},
	{
		name: "other words are whole",
		says: "each word is a word of one of its texts",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp window", "b": "lamp windo"}); err != nil {
				return err
			}
			return e.wantSet(search.Query{Text: "windo lamp"}, "b")
		},
	},
	{
		name: "no other words",
		says: "a document matches if each word is a word of one of its texts or begins one",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp", "b": "window", "c": ""}); err != nil {
				return err
			}
			return errors.Join(e.want(search.Query{Text: "amp"}), e.want(search.Query{Text: "carpet"}), e.want(search.Query{Text: "carpet", Any: true}), e.want(search.Query{Text: "lampwindow"}))
		},
	},
	{
		name: "any word",
		says: "Any has a document match with one of the words, not all of them",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp", "b": "window", "c": "lamp window", "d": "carpet"}); err != nil {
				return err
			}
			return e.wantSet(search.Query{Text: "where is the lamp or window", Any: true}, "a", "b", "c")
		},
	},
	{
		name: "case",
		says: "folded to lower case",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "Lamp", "b": "LAMP", "c": "lamp", "d": "ÜBER Straße", "e": "über straße"}); err != nil {
				return err
			}
			return errors.Join(e.wantSet(search.Query{Text: "LaMp"}, "a", "b", "c"), e.wantSet(search.Query{Text: "Über STRAße"}, "d", "e"))
		},
	},
	{
		name: "other scripts",
		says: "[text] is cut at everything but letters and digits",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"greek": "Αθήνα πόλη", "russian": "Москва город", "digits": "room 4711", "hindi": "हिन्दी भाषा"}); err != nil {
				return err
			}
			return errors.Join(e.want(search.Query{Text: "πόλη"}, "greek"), e.want(search.Query{Text: "ГОРОД"}, "russian"), e.want(search.Query{Text: "4711"}, "digits"), e.want(search.Query{Text: "हिन्दी"}, "hindi"))
		},
	},
	{
		name: "cutting",
		says: "[text] is cut at everything but letters and digits",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "red-lamp", "b": "red.lamp", "c": "red/lamp", "d": "red\tlamp\n", "e": "redlamp"}); err != nil {
				return err
			}
			return e.wantSet(search.Query{Text: "lamp,red;"}, "a", "b", "c", "d")
		},
	},
	{
		name: "no character is special",
		says: "Text is words, not a language. No character is special",
		check: func(e *env) error {
			if err := e.fill(map[string]string{"a": "lamp window not or and near", "b": "lamp"}); err != nil {
				return err
			}
			for _, text := range []string{
				`"lamp" -window`, `lamp AND NOT window`, `lamp* OR window`, `body:lamp^2 window~`, `(lamp) {window} [`, `lamp & !window | <->`, "lamp'); drop table things; -- window",
				`lamp \ window`, "lamp % _ window", "lamp\x00window", "lamp \xff window", `lamp NEAR/2 window`, "+lamp -window", "lamp\u200bwindow",
			} {
				got, err := e.ids(search.Query{Text: text})
				want := "[a]"
				if strings.Contains(text, "drop") || strings.Contains(text, "2") || strings.Contains(text, "body") {
					want = "[]" // those are words, and no document has them
				}
				if err != nil || fmt.Sprint(got) != want {
					return fmt.Errorf("Search(%q) = %v, %v, want %s", text, got, err, want)
				}
			}
			return nil
		},
	},
	{
		name: "no word",
		says: "without a word all documents match",
		check: func(e *env) error {
			if err := e.engine.Index(e.ctx, index, doc("b", "lamp"), doc("a", "window"), search.Document{ID: "c"}); err != nil {
				return err
			}
			return errors.Join(e.want(search.Query{}, "a", "b", "c"), e.want(search.Query{Text: " \t*?!-- "}, "a", "b", "c"), e.want(search.Query{Any: true}, "a", "b", "c"))
		},
	},
	{
		name: "highlights",
		says: "field to an excerpt, matches between \\x02 and \\x03",
		check: func(e *env) error {
			text := strings.Repeat("much other text ", 200) + "a Lamp near the window " + strings.Repeat("and more text ", 200)
			if err := e.engine.Index(e.ctx, index, search.Document{ID: "a", Text: map[string]string{"title": "a title", "body": text}}); err != nil {
				return err
			}
			page, err := e.engine.Search(e.ctx, index, search.Query{Text: "lamp wind"})
			if err != nil || len(page.Hits) != 1 {
				return fmt.Errorf("Search = %v, %v, want one hit", page, err)
			}
			for field, excerpt := range page.Hits[0].Highlights {
				if err := checkExcerpt(field, excerpt, len(text)); err != nil {
					return err
				}
			}
			return nil
		},
	},
}

// checkExcerpt allows an engine to give none, and any text around the matches.
func checkExcerpt(field, excerpt string, whole int) error {
	if field != "body" {
		return fmt.Errorf("highlight of field %q, which has no match", field)
	}
	marked := 0
	for rest := excerpt; ; marked++ {
		before, after, ok := strings.Cut(rest, "\x02")
		if strings.Contains(before, "\x03") {
			return fmt.Errorf("highlight %q has an end without a beginning", excerpt)
		}
		if !ok {
			break
		}
		word, after, ok := strings.Cut(after, "\x03")
		if w := strings.ToLower(word); !ok || w != "lamp" && w != "window" && w != "wind" {
			return fmt.Errorf("highlight %q marks %q, want lamp or window", excerpt, word)
		}
		rest = after
	}
	if marked == 0 || len(excerpt) >= whole {
		return fmt.Errorf("highlight of %d bytes with %d matches, want an excerpt with one at least", len(excerpt), marked)
	}
	return nil
}
