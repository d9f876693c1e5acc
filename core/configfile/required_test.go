package configfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type demanding struct {
	URL   config.Secret[string] `config:"url,required"`
	Count int                   `config:",required"`
	Items []struct {
		Name string `config:"name,required"`
	}
	Inner *struct {
		Key string `config:"key,required"`
	}
	Typo int
}

func TestRequired(t *testing.T) {
	text := "{\"s\": {\n\"items\": [{\"name\": \"a\"}, {}],\n\"inner\": {\"key\": \"\"},\n\"tpyo\": 1, \"typo\": \"x\"}}"
	err := mustLoad(t, text, configfile.Options{EnvPrefix: "LEX"}).Decode("s", &demanding{})
	for _, want := range []string{
		"s.url: is required: set it in a file or as LEX_S__URL\n", "s.count: is required: set it in a file or as LEX_S__COUNT\n",
		"s.items[1].name: is required: set it in a file or as LEX_S__ITEMS__1__NAME\n", "app.json:3: s.inner.key: is required: set it in a file or as LEX_S__INNER__KEY",
		`app.json:4: s.tpyo: unknown key (did you mean "typo"?)`, "app.json:4: s.typo: is a string, want an integer",
	} {
		if err == nil || !strings.Contains(err.Error()+"\n", want) {
			t.Errorf("%q is not in:\n%v", want, err)
		}
	}
	if !errors.Is(err, config.ErrMissing) || !errors.Is(err, config.ErrUnknown) || !errors.Is(err, config.ErrValue) {
		t.Errorf("%v", err)
	}
	if err := mustLoad(t, "{}", configfile.Options{}).Decode("s", &demanding{}); err == nil || err.Error() != "s.url: is required\ns.count: is required" {
		t.Errorf("without a prefix, in an absent section: %v", err)
	}
	given := demanding{Count: 1}
	tree := mustLoad(t, "{}", configfile.Options{EnvPrefix: "LEX", Environ: []string{"LEX_S__URL=x"}})
	if err := tree.Decode("s", &given); err != nil {
		t.Errorf("a variable and a default: %v", err)
	}
	// A zero that is given is a value; an unreadable one is reported once.
	if err := mustLoad(t, `{"s": {"url": "x", "count": 0}}`, configfile.Options{}).Decode("s", &demanding{}); err != nil {
		t.Errorf("zero: %v", err)
	}
	err = mustLoad(t, `{"s": {"url": "x", "count": null}}`, configfile.Options{}).Decode("s", &demanding{})
	if err == nil || strings.Contains(err.Error(), "\n") || !errors.Is(err, config.ErrValue) {
		t.Errorf("null: %v", err)
	}
	if err := mustLoad(t, "{}", configfile.Options{}).Decode("s", &struct {
		A int `config:"a,requird"`
	}{}); err == nil {
		t.Error("an unknown option of a tag passes")
	}
}
