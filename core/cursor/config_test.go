package cursor_test

import (
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
	"github.com/lexigram/lexigram-go/core/cursor"
)

func TestOptionsFromConfiguration(t *testing.T) {
	for name, c := range map[string]struct {
		keys []any
		want string // "" is no error
	}{
		"good":     {[]any{map[string]any{"id": "a", "secret": strings.Repeat("x", 32)}}, ""},
		"short":    {[]any{map[string]any{"id": "a", "secret": "hunter2"}}, "less than 32 bytes"},
		"required": {[]any{map[string]any{"id": "a"}}, "secret"},
		"none":     {[]any{}, "is empty"},
	} {
		cfg, err := configfile.Load(t.Context(), configfile.Options{Environ: []string{}, Overrides: map[string]any{"cursors.keys": c.keys}})
		if err != nil {
			t.Fatal(err)
		}
		o, err := config.Section(cfg, "cursors", cursor.Options{})
		switch {
		case c.want == "" && (err != nil || o.Validate() != nil):
			t.Errorf("%s: %+v, %v", name, o, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}
