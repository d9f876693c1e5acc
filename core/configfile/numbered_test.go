package configfile_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

type backend struct {
	Type     string
	Port     int
	Password config.Secret[string]
	Tags     []string
}

type backends struct {
	Backends []backend
	Names    []string
	ByID     map[string]string `config:"by_id"`
	Matrix   [][]int
}

// numbered decodes the section s of a file and the variables LEX_S__*.
func numbered(t *testing.T, file string, defaults backends, environ ...string) (backends, error) {
	t.Helper()
	for i := range environ {
		environ[i] = "LEX_S__" + environ[i]
	}
	return config.Section(mustLoad(t, file, configfile.Options{EnvPrefix: "LEX", Environ: environ}), "s", defaults)
}

func TestListsFromTheEnvironment(t *testing.T) {
	file := `{"s": {"backends": [{"type": "memory", "port": 1}, {"type": "redis", "port": 2}], "names": ["a", "b"]}}`
	for name, tc := range map[string]struct {
		file     string
		defaults backends
		environ  []string
		want     backends
	}{
		"new":          {"{}", backends{}, []string{"BACKENDS__0__TYPE=memory", "BACKENDS__1__TYPE=redis", "BACKENDS__1__TAGS=x,y"}, backends{Backends: []backend{{Type: "memory"}, {Type: "redis", Tags: []string{"x", "y"}}}}},
		"patched":      {file, backends{}, []string{"BACKENDS__1__PORT=9", "NAMES__0=c"}, backends{Backends: []backend{{Type: "memory", Port: 1}, {Type: "redis", Port: 9}}, Names: []string{"c", "b"}}},
		"appended":     {file, backends{}, []string{"BACKENDS__2__TYPE=disk"}, backends{Backends: []backend{{Type: "memory", Port: 1}, {Type: "redis", Port: 2}, {Type: "disk"}}, Names: []string{"a", "b"}}},
		"replaced":     {file, backends{}, []string{"NAMES=c,d,e"}, backends{Backends: []backend{{Type: "memory", Port: 1}, {Type: "redis", Port: 2}}, Names: []string{"c", "d", "e"}}},
		"emptied":      {file, backends{}, []string{"NAMES="}, backends{Backends: []backend{{Type: "memory", Port: 1}, {Type: "redis", Port: 2}}, Names: []string{}}},
		"over default": {"{}", backends{Backends: []backend{{Type: "d", Port: 7}, {Type: "e"}}}, []string{"BACKENDS__0__PORT=8", "BACKENDS__2__TYPE=f"}, backends{Backends: []backend{{Type: "d", Port: 8}, {Type: "e"}, {Type: "f"}}}},
		"many":         {"{}", backends{}, strings.Fields("NAMES__0=0 NAMES__1=1 NAMES__2=2 NAMES__3=3 NAMES__4=4 NAMES__5=5 NAMES__6=6 NAMES__7=7 NAMES__8=8 NAMES__9=9 NAMES__10=10"), backends{Names: strings.Fields("0 1 2 3 4 5 6 7 8 9 10")}},
		"map":          {"{}", backends{}, []string{"BY_ID__42=x", "BY_ID__7=y", "BY_ID__A=z"}, backends{ByID: map[string]string{"42": "x", "7": "y", "a": "z"}}},
		"lists of":     {"{}", backends{}, []string{"MATRIX__0=1,2", "MATRIX__1__0=3"}, backends{Matrix: [][]int{{1, 2}, {3}}}},
	} {
		got, err := numbered(t, tc.file, tc.defaults, tc.environ...)
		if err != nil || !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, tc.want)
		}
		if len(tc.defaults.Backends) > 0 && tc.defaults.Backends[0].Port != 7 {
			t.Errorf("%s: the caller's default was changed", name)
		}
	}
}

func TestListsFromTheEnvironmentErrors(t *testing.T) {
	file := `{"s": {"names": ["a", "b"]}}`
	for _, tc := range []struct {
		file, environ, want string
	}{
		{"{}", "NAMES__0=a NAMES__2=c", "environment variable LEX_S__NAMES__2: s.names: has an element 2 and none 1"},
		{"{}", "NAMES__1=a", "LEX_S__NAMES__1: s.names: has an element 1 and none 0"},
		{"{}", "NAMES__00=a", `LEX_S__NAMES__00: s.names: has the key "00", want a list`},
		{"{}", "NAMES__0=a NAMES__X=c", `LEX_S__NAMES__X: s.names: has the key "x", want a list`},
		{"{}", "NAMES__-1=a", `has the key "-1"`},
		{"{}", "NAMES=a NAMES__0=b", "environment variable LEX_S__NAMES__0: s.names.0: contradicts environment variable LEX_S__NAMES, which is no section"},
		{"{}", "BACKENDS__0=x", "LEX_S__BACKENDS__0: s.backends[0]: is a string, want a mapping"},
		{"{}", "BACKENDS__0__PORT=x", `s.backends[0].port: "x" is not an integer`},
		{"{}", "BACKENDS__0__PROT=1", `s.backends[0].prot: unknown key (did you mean "port"?)`},
		{file, "NAMES__3=a", "LEX_S__NAMES__3: s.names: has an element 3 and none 2"},
		{file, "NAMES__X=a", `LEX_S__NAMES__X: s.names: has the key "x"`},
		{`{"s": {"names": {"0": "a"}}}`, "", "app.json:1: s.names: is a mapping, want a list"},
	} {
		tree, err := load(t, tc.file, configfile.Options{EnvPrefix: "LEX", Environ: strings.Fields(strings.ReplaceAll(" "+tc.environ, " ", " LEX_S__"))})
		if tc.environ == "" {
			tree, err = load(t, tc.file, configfile.Options{})
		}
		if err == nil {
			err = tree.Decode("s", &backends{})
		}
		if !errors.Is(err, config.Err) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", tc.environ, err, tc.want)
		}
	}
}

func TestListsFromFlagsAndOverrides(t *testing.T) {
	tree := mustLoad(t, `{"s": {"backends": [{"type": "memory", "port": 1}]}}`, configfile.Options{
		EnvPrefix: "LEX", Environ: []string{"LEX_S__BACKENDS__0__TYPE=env"}, Flags: []string{"s.backends.0.port=5", "s.backends.1.type=disk"},
		Overrides: map[string]any{"s.backends.1.port": 6},
	})
	got, err := config.Section(tree, "s", backends{})
	if want := []backend{{Type: "env", Port: 5}, {Type: "disk", Port: 6}}; err != nil || !reflect.DeepEqual(got.Backends, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if source, _, _ := tree.Locate("s.backends"); source != "override" {
		t.Errorf("the list stands at %s", source)
	}
}

func FuzzNumberedElements(f *testing.F) {
	for _, s := range []string{"0=a", "0=a 1=b", "1=a", "00=a", "0__0=a", "99999999999999999999=a", "-1=a", "a=b 0=c", "0__TYPE=a 1__TYPE=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		environ := strings.Fields(s)
		for i := range environ {
			environ[i] = "LEX_S__NAMES__" + environ[i]
		}
		tree, err := configfile.Load(t.Context(), configfile.Options{EnvPrefix: "LEX", Environ: environ, Defaults: map[string]any{"s.names": []string{"x", "y"}}})
		if err != nil {
			if !errors.Is(err, config.ErrValue) {
				t.Errorf("%q: %v", s, err)
			}
			return
		}
		got, err := config.Section(tree, "s", backends{})
		if err != nil && !errors.Is(err, config.ErrValue) {
			t.Errorf("%q: %v", s, err)
		}
		if err == nil && len(got.Names) > 2+len(environ) {
			t.Errorf("%q: %d elements", s, len(got.Names))
		}
	})
}
