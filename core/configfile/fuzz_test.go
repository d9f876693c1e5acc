package configfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

func FuzzEnvironment(f *testing.F) {
	for _, s := range []string{"LEX_A=1", "LEX_A__B=1\nLEX_A=2", "LEX__A=1", "LEX_=", "LEX_ENV=test", "=x", "LEX_A__\x00=1", "LEX_Ä=ß", "LEX_MAP__X=\xff", "LEX_TEXT"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, environ string) {
		tree, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: strings.Split(environ, "\n")})
		if err != nil {
			if !errors.Is(err, config.Err) {
				t.Errorf("%q: %v", environ, err)
			}
			return
		}
		root := look(t, tree, "").(map[string]any)
		var walk func(key string, v any)
		walk = func(key string, v any) {
			if m, ok := v.(map[string]any); ok {
				for name, inner := range m {
					walk(strings.TrimPrefix(key+"."+name, "."), inner)
				}
				return
			}
			if got, ok := tree.Lookup(key); !ok || got != v {
				t.Errorf("%q: %s = %v, %v, want %v", environ, key, got, ok, v)
			}
		}
		walk("", root)
		if err := tree.Decode("", &everything{}); err != nil && !errors.Is(err, config.Err) {
			t.Errorf("%q: %v", environ, err)
		}
	})
}

func FuzzInterpolation(f *testing.F) {
	for _, s := range []string{"${A}", "$${A}", "${A:b}", "${", "$", "${A", "${:}", "x${A}${B:${A}}", "$$${A}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		format := hostile{func() (*config.Node, error) {
			return &config.Node{Type: config.Map, Map: []config.Entry{{Key: "k", Value: &config.Node{Scalar: s}}}}, nil
		}}
		tree, err := load(t, "{}", configfile.Options{Formats: []config.Format{format}, Environ: []string{"A=${A}"}})
		switch {
		case err != nil && !errors.Is(err, config.ErrValue):
			t.Errorf("%q: %v", s, err)
		case err == nil && !strings.Contains(s, "${") && look(t, tree, "k") != s:
			t.Errorf("%q = %v", s, look(t, tree, "k"))
		}
	})
}
