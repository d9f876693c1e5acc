package configfile_test

import (
	"errors"
	"maps"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

// loadDotenv returns the variables LEX_V__* of a .env file by their last name.
func loadDotenv(t *testing.T, text string, environ ...string) (map[string]any, error) {
	t.Helper()
	path := filepath.Join(dir(t, map[string]string{".env": text}), ".env")
	if environ == nil {
		environ = []string{}
	}
	tree, err := configfile.Load(t.Context(), configfile.Options{EnvFiles: []configfile.File{{Path: path}}, EnvPrefix: "LEX", Environ: environ})
	if err != nil {
		return nil, err
	}
	v, _ := tree.Lookup("v")
	if vars, ok := v.(map[string]any); ok {
		return vars, nil
	}
	return map[string]any{}, nil
}

var dotenvGood = map[string]map[string]any{
	"":                           {},
	"# only\n\n  # comments\n":   {},
	"LEX_V__A=1":                 {"a": "1"},
	"LEX_V__A=\nLEX_V__B=''\n":   {"a": "", "b": ""},
	"export LEX_V__A=1 # one\n":  {"a": "1"},
	"  LEX_V__A=x#y\t# z":        {"a": "x#y"},
	"LEX_V__A=#x":                {"a": "#x"},
	"LEX_V__A= # x":              {"a": ""},
	"LEX_V__A=a=b:/c,d@e%f*[g]?": {"a": "a=b:/c,d@e%f*[g]?"},
	`LEX_V__A='$x "\y" # z'`:     {"a": `$x "\y" # z`},
	`LEX_V__A="a \"b\" \\ \$c \` + "`d\"": {
		"a": "a \"b\" \\ $c `d",
	},
	"LEX_V__A='one\ntwo'\nLEX_V__B=\"three\n\nfour\"": {"a": "one\ntwo", "b": "three\n\nfour"},
	"LEX_V__A=00123456789\nLEX_V__B=1e5":              {"a": "00123456789", "b": "1e5"},
	"LEX_V__A=ü":                                      {"a": "ü"},
	"OTHER=1\nexport=2\nLEX_V__A=3":                   {"a": "3"},
}

func TestDotenv(t *testing.T) {
	for text, want := range dotenvGood {
		got, err := loadDotenv(t, text)
		if err != nil || !maps.Equal(got, want) {
			t.Errorf("%q = %v, %v, want %v", text, got, err, want)
		}
	}
	got, err := loadDotenv(t, "\ufeffLEX_V__A='x\r\ny'\r\nLEX_V__B=2\r\n")
	if err != nil || got["a"] != "x\ny" || got["b"] != "2" {
		t.Errorf("with the line ends of Windows: %q, %v", got, err)
	}
}

// What is accepted means the same to a shell.
func TestDotenvIsAShellScript(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Fatalf("no shell to compare with: %v", err)
	}
	for text, want := range dotenvGood {
		cmd := exec.Command(sh, "-e", "-c", "set -a\n"+text+"\nprintf '%s|' \"${LEX_V__A-none}\" \"${LEX_V__B-none}\"")
		cmd.Env = []string{}
		out, err := cmd.CombinedOutput()
		expect := ""
		for _, name := range []string{"a", "b"} {
			v, ok := want[name].(string)
			if !ok {
				v = "none"
			}
			expect += v + "|"
		}
		if err != nil || string(out) != expect {
			t.Errorf("%q: to a shell it is %q, %v, want %q", text, out, err, expect)
		}
	}
}

func TestDotenvErrors(t *testing.T) {
	for text, want := range map[string]string{
		"\n\nLEX_V__A":                        ".env:3: is no NAME=value",
		"LEX_V__A=1\nLEX-V=2":                 ".env:2: has a name before the =",
		"=1":                                  ".env:1: has a name",
		"LEX_V__A =1":                         ".env:1: has a name",
		"1A=hunter2":                          ".env:1: has a name",
		"A=1\n\nA=hunter2":                    ".env:3: A is set twice, before on line 1",
		"A='hunter2":                          ".env:1: A has a ' without another",
		"A=1\nB=\"hunter2\n":                  ".env:", // the quote is missed at the end
		"A=hunter2 b":                         ".env:1: A has something after its value",
		"A='hunter2'b":                        ".env:1: A has something after its value",
		"A='hunter2'#b":                       ".env:1: A has something after its value",
		"A=hunter2$B":                         ".env:1: A has a plain value with a $",
		"A=it's":                              ".env:1: A has a plain value with a '",
		"A=x&y":                               ".env:1: A has a plain value with a &",
		"A=x;y":                               "with a ;",
		`A=C:\x`:                              `with a \`,
		"A=~/x":                               "with a ~",
		"A=\"hunter2$B\"":                     ".env:1: A has a $ in double quotes",
		"A=\"hunter2`B`\"":                    ".env:1: A has a ` in double quotes",
		`A="hunter2\n"`:                       ".env:1: A has a \\ before something else",
		"A=\x00":                              ".env:1: has a control character",
		"A=1\nB=\x1b[0m":                      ".env:2: has a control character",
		"A=1\nB=\xff":                         ".env:2: is not UTF-8",
		"LEX_V__A=1\nLEX_V__A__B=2":           ".env:2: v.a.b: LEX_V__A__B contradicts",
		"LEX__V=1":                            ".env:1: LEX__V is not a key",
		"LEX_ENV=prod":                        ".env:1: environment: is not one of development, staging, production, test",
		"export A":                            "is no NAME=value",
		"A=1\r\nB=\r2":                        ".env:2: has a control character",
		"A=" + strings.Repeat("x", 1) + "\n=": ".env:2: has a name",
	} {
		_, err := loadDotenv(t, text)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
		if !errors.Is(err, config.ErrSyntax) && !errors.Is(err, config.ErrValue) {
			t.Errorf("%q: %v is of no family", text, err)
		}
	}
}

func TestDotenvLayer(t *testing.T) {
	d := dir(t, map[string]string{
		"a.json": `{"v": {"a": "file", "b": "file", "c": "file"}, "home": "${HOME_OF}/x", "both": "${BOTH}"}`, "a.eu.json": `{"profile": "eu"}`,
		".env": "LEX_V__B=first\nLEX_V__C=first\nHOME_OF=/srv\nBOTH=dotenv\nLEX_PROFILE=eu\nLEX_ENV=test", ".env.local": "LEX_V__B=second",
	})
	tree, err := configfile.Load(t.Context(), configfile.Options{
		Files:     []configfile.File{{Path: filepath.Join(d, "a.json")}},
		EnvFiles:  []configfile.File{{Path: filepath.Join(d, ".env")}, {Path: filepath.Join(d, ".env.local")}, {Path: filepath.Join(d, "none"), Optional: true}},
		EnvPrefix: "LEX", Environ: []string{"LEX_V__C=environment", "BOTH=process"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]any{"v.a": "file", "v.b": "second", "v.c": "environment", "home": "/srv/x", "both": "process", "profile": "eu"} {
		if got := look(t, tree, key); got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
	if tree.Environment() != config.Test {
		t.Errorf("environment %q", tree.Environment())
	}
	if source, line, _ := tree.Locate("v.b"); filepath.Base(source) != ".env.local" || line != 1 {
		t.Errorf("v.b stands at %s:%d", source, line)
	}
	_, err = configfile.Load(t.Context(), configfile.Options{EnvFiles: []configfile.File{{Path: filepath.Join(d, "none")}}, Environ: []string{}})
	if !errors.Is(err, config.ErrSource) {
		t.Errorf("a .env file that is not optional is absent: %v", err)
	}
}

func FuzzDotenv(f *testing.F) {
	for text := range dotenvGood {
		f.Add(text)
	}
	f.Add("A='\nB=\"\\\"'")
	f.Fuzz(func(t *testing.T, text string) {
		vars, err := loadDotenv(t, text)
		if err != nil {
			if !errors.Is(err, config.Err) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		// Written in quotes, every value is read back.
		var quoted strings.Builder
		for name, v := range vars {
			s, ok := v.(string)
			if !ok || strings.Contains(s, "'") {
				return
			}
			quoted.WriteString("LEX_V__" + strings.ToUpper(name) + "='" + s + "'\n")
		}
		again, err := loadDotenv(t, quoted.String())
		if err != nil || !maps.Equal(again, vars) {
			t.Errorf("%q is %q, and in quotes %q, %v", text, vars, again, err)
		}
	})
}
