package appcli

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/cli/clitest"
)

// A case is a command line and what it must print: code, a part of stdout, a
// part of stderr.
type expect struct {
	args        string
	code        int
	out, stderr string
}

func check(t *testing.T, o Options, cases []expect) {
	t.Helper()
	for _, c := range cases {
		r := call(t, o, strings.Fields(c.args)...)
		if r.code != c.code || !strings.Contains(r.stdout, c.out) || !strings.Contains(r.stderr, c.stderr) || c.out == "" && r.stdout != "" || c.stderr == "" && r.stderr != "" {
			t.Errorf("%s: %d\n%s\n%s\nwant %+v", c.args, r.code, r.stdout, r.stderr, c)
		}
		if r.code != 0 && !strings.HasPrefix(r.stderr, o.Name+": ") {
			t.Errorf("%s: stderr does not begin with the name: %s", c.args, r.stderr)
		}
	}
}

func TestRun(t *testing.T) {
	_, o := shelves()
	check(t, o, []expect{
		{"store list", 0, "service false []\n", ""},
		{"store list --long a b", 0, `service true ["a" "b"]`, ""},
		{"--long store list a", 0, `service true ["a"]`, ""},
		{"store --data x list -long a -v", 0, `service true ["a"]`, ""},
		{"-data store store list", 0, `service false []`, ""},
		{"--data=store store list", 0, `service false []`, ""},
		{"store list -- --long", 0, `service false ["--long"]`, ""},
		{"store list --json", 0, "{\n  \"service\": \"service\",\n", ""},
		{"--json store list", 0, `"long": false`, ""},
		{"store fail", 1, "", "shelves: file does not exist\n"},
		{"store fail --how three", 3, "", "shelves: there are none\n"},
		{"store fail --how usage", 2, "", "not like that; see shelves store fail --help\n"},
		{"store fail --how panic", 1, "", "shelves: panic: out of shelves\n"},
		{"store fail --how joined", 1, "", "shelves: file does not exist\nshelves: steers \\x1b[2J\n"},
		{"store fail x", 2, "", "store fail: takes no argument, got 1 argument(s); see shelves store fail --help\n"},
		{"store fail --how", 2, "", "flag needs an argument: --how; see shelves store fail --help\n"},
		{"store lsit", 2, "", `unknown command "lsit" of shelves store (did you mean "list"?); see shelves store --help`},
		{"serv", 2, "", `unknown command "serv" (did you mean "serve"?); see shelves --help`},
		{"frobnicate", 2, "", `unknown command "frobnicate"; see shelves --help`},
		{"--frob", 2, "", "unknown flag: --frob; see shelves serve --help"},
		{"store list --lnog", 2, "", "unknown flag: --lnog (did you mean --long?); see shelves store list --help"},
		{"--json=perhaps", 2, "", "invalid argument"},
		{"store", 2, "Commands:", "name one"},
		{"version", 0, "shelves v1.2.3 (", ""},
		{"version --json", 0, `"version": "v1.2.3"`, ""},
		{"completion bash", 0, "__start_shelves", ""},
		{"completion zsh", 0, "#compdef shelves", ""},
		{"completion fish", 0, "complete -c shelves", ""},
		{"completion powershell", 0, "Register-ArgumentCompleter", ""},
		{"completion fihs", 2, "", `(did you mean "fish"?)`},
		{"completion", 2, "", "takes SHELL, got 0"},
		{"__complete store l", 0, "list\tList the shelves", "Completion ended"},
	})
}

func TestHelp(t *testing.T) {
	_, o := shelves()
	check(t, o, []expect{
		{"help", 0, "shelves COMMAND [flags]", ""},
		{"-h", 0, "  store        fail, list\n", ""},
		{"help store list", 0, "Examples:\n  shelves store list --long\n", ""},
		{"store list --help", 0, "  3  there are none\n", ""},
		{"frob --help", 2, "", `unknown command "frob"`},
		{"store frob -h", 2, "", `unknown command "frob" of shelves store`},
		{"-h", 0, "      --json      print results as JSON\n", ""},
		{"help gen text", 0, "-f, --fields NAME:TYPE", ""},
		{"help gen text", 0, "shelves gen text hello", ""},
		{"help frob", 2, "", `unknown command "frob"`},
	})
	o.Default = ""
	check(t, o, []expect{{"", 0, "Commands:", ""}})
	o.Flags = func(fs *flag.FlagSet) {
		fs.String("api-key", "hunter2", "the `KEY`")
		fs.Int("n", 7, "a number")
		fs.Bool("on", true, "is on")
	}
	check(t, o, []expect{{"help", 0, "--api-key KEY  the KEY\n", ""}, {"help", 0, "a number (default 7)\n", ""}, {"help", 0, "is on (default true)\n", ""}})
}

func TestDefaultCommand(t *testing.T) {
	app, o := shelves()
	check(t, o, []expect{{"", 0, "", ""}, {"--data x -v", 0, "", ""}, {"serve", 0, "", ""}})
	if app.ran != 3 || len(app.did) != 0 {
		t.Errorf("Run was called %d times, Do for %q", app.ran, app.did)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var stderr strings.Builder
	if code := Run(ctx, nil, &stderr, &stderr, o); code != 1 || stderr.String() != "shelves: context canceled\n" {
		t.Errorf("an ended context: %d, %s", code, &stderr)
	}
}

// Commands are run on behalf of the module that contributed them.
func TestModule(t *testing.T) {
	app, o := shelves()
	check(t, o, []expect{{"store list", 0, "service", ""}, {"version", 0, "v1.2.3", ""}})
	if len(app.did) != 1 || app.did[0] != "store" {
		t.Errorf("Do was called for %q", app.did)
	}
}

// What does not need the application works without it; the rest says why not.
func TestProblems(t *testing.T) {
	app, o := shelves()
	app.problems = errors.Join(errors.New("a.yaml:3: sql.urk: unknown key"), errors.New("di: cycle"))
	const both = "shelves: a.yaml:3: sql.urk: unknown key\nshelves: di: cycle\n"
	check(t, o, []expect{
		{"store list", 1, "", both},
		{"serve", 1, "", both},
		{"frob", 1, "", both},
		{"store fail", 1, "", "file does not exist"},
		{"version", 0, "v1.2.3", ""},
		{"help store list", 0, "Examples", ""},
		{"doctor", 1, "error  application assembly: a.yaml:3: sql.urk: unknown key\nerror  application assembly: di: cycle\nwarn   dust dust: there is dust (wipe it)\n", "shelves: doctor: 2 error(s), 1 warning(s)\n"},
	})
	o.Open = func(context.Context) (cli.Application, error) { return nil, errors.New("a.yaml:1: not YAML") }
	o.Contributors = []cli.Contributor{contributor{id: "own", commands: []cli.Command{{Path: "hello", Run: func(_ context.Context, c *cli.Call) error { return c.Print("hello") }}}}}
	check(t, o, []expect{
		{"store list", 1, "", "shelves: a.yaml:1: not YAML\n"},
		{"serve", 1, "", "not YAML"},
		{"hello", 0, "hello\n", ""},
		{"help", 0, "hello", ""},
		{"doctor", 1, "not YAML", "1 error(s)"},
	})
	o.Open = func(context.Context) (cli.Application, error) { panic("cannot open") }
	check(t, o, []expect{{"serve", 1, "", "shelves: panic: cannot open\n"}})
}

func TestDoctor(t *testing.T) {
	_, o := shelves()
	check(t, o, []expect{
		{"doctor", 0, "ok     application assembly\nwarn   dust dust: there is dust (wipe it)\n", ""},
		{"doctor --json", 0, `"findings": []`, ""},
	})
	o.Contributors = []cli.Contributor{contributor{id: "own", diagnoses: []cli.Diagnosis{{Name: "a", Run: func(context.Context) []cli.Finding { panic("no") }}}}}
	check(t, o, []expect{{"doctor", 1, "error  own a: panic: no\n", "1 error(s), 1 warning(s)"}})
}

func TestConflicts(t *testing.T) {
	run := func(context.Context, *cli.Call) error { return nil }
	for name, c := range map[string]struct {
		add  contributor
		want []string
	}{
		"one path":      {contributor{id: "other", commands: []cli.Command{{Path: "store list", Run: run}}}, []string{`"store list"`, `"other"`, `"store"`}},
		"a builtin":     {contributor{id: "other", commands: []cli.Command{{Path: "serve", Run: run}}}, []string{`"serve"`, `"other"`, "the command line itself"}},
		"one generator": {contributor{id: "other", generators: []cli.GeneratorDefinition{textGenerator()}}, []string{`"gen text"`, `"other"`, `"store"`}},
		"group":         {contributor{id: "other", commands: []cli.Command{{Path: "store", Run: run}}}, []string{`"store list"`, `"other"`}},
		"below":         {contributor{id: "other", commands: []cli.Command{{Path: "store list all", Run: run}}}, []string{`"store list"`, `"other"`}},
		"no Run":        {contributor{id: "other", commands: []cli.Command{{Path: "x"}}}, []string{`"x"`, "has no Run"}},
		"no Generate":   {contributor{id: "other", generators: []cli.GeneratorDefinition{{Name: "x"}}}, []string{`"gen x"`, "has no Run"}},
		"no word":       {contributor{id: "other", commands: []cli.Command{{Path: "X y", Run: run}}}, []string{`"X y"`, "lower-case"}},
		"no path":       {contributor{id: "other", commands: []cli.Command{{Run: run}}}, []string{`""`, "lower-case"}},
		"help":          {contributor{id: "other", commands: []cli.Command{{Path: "help", Run: run}}}, []string{`"help"`}},
		"a flag": {
			contributor{id: "other", commands: []cli.Command{{Path: "x", Run: run, Flags: func(fs *flag.FlagSet) { fs.String("data", "", "x") }}}},
			[]string{`"x"`, `"data"`, "which every command of shelves has"},
		},
		"an ID": {contributor{id: "store"}, []string{`two contributors have the ID "store"`}},
	} {
		app, o := shelves()
		app.found = append(app.found, cli.Contribution{Contributor: c.add})
		r := call(t, o, "store", "list")
		if r.code != 1 || r.stdout != "" {
			t.Errorf("%s: %+v", name, r)
		}
		for _, w := range c.want {
			if !strings.Contains(r.stderr, w) {
				t.Errorf("%s: %s is not in: %s", name, w, r.stderr)
			}
		}
		if r := call(t, o, "doctor"); r.code != 1 || !strings.Contains(r.stdout, c.want[0]) {
			t.Errorf("%s: doctor: %+v", name, r)
		}
		if r := call(t, o, "help"); r.code != 0 {
			t.Errorf("%s: help: %+v", name, r)
		}
	}
	app, o := shelves()
	app.found = append(app.found, cli.Contribution{})
	check(t, o, []expect{{"serve", 1, "", "a contributor is nil"}})
}

func TestReplace(t *testing.T) {
	app, o := shelves()
	own := cli.Command{Path: "serve", Replace: true, Run: func(_ context.Context, c *cli.Call) error { return c.Print("my own") }}
	o.Contributors = []cli.Contributor{contributor{id: "own", commands: []cli.Command{own}}}
	check(t, o, []expect{{"", 0, "my own\n", ""}})
	own.Path = "store list" // of a contributor that comes later
	o.Contributors = []cli.Contributor{contributor{id: "own", commands: []cli.Command{own}}}
	check(t, o, []expect{{"store list", 0, "my own\n", ""}})
	app.found = append(app.found, cli.Contribution{Contributor: contributor{id: "third", commands: []cli.Command{own}}})
	check(t, o, []expect{{"serve", 1, "", `"third"`}, {"serve", 1, "", `"own"`}})
}

func TestOptions(t *testing.T) {
	for _, o := range []Options{{}, {Name: "x"}} {
		if r := call(t, o); r.code != 1 || !strings.Contains(r.stderr, "Options need a Name and Open") {
			t.Errorf("%+v", r)
		}
	}
}

// The built-in commands keep the contract of contributors.
func TestBuiltins(t *testing.T) {
	clitest.Run(t, func() cli.Contributor {
		app, o := shelves()
		p := &program{Options: o, app: app}
		p.grow()
		c := contributor{id: "builtin"}
		for _, e := range p.builtins() {
			c.commands = append(c.commands, e.Command)
		}
		return c
	})
	clitest.Run(t, func() cli.Contributor {
		return contributor{id: "text", generators: []cli.GeneratorDefinition{textGenerator()}}
	})
}

// Every command prints valid JSON, and help with an example and its exit statuses.
func TestEveryCommand(t *testing.T) {
	app, o := shelves()
	p := &program{Options: o, app: app, found: app.found}
	if err := p.assemble(); err != nil {
		t.Fatal(err)
	}
	for _, e := range p.entries {
		words := strings.Fields(e.Path)
		help := call(t, o, append(words, "--help")...)
		for _, want := range []string{"Usage:", "Examples:\n  shelves ", "Exit status:\n  0  done", "--json"} {
			if help.code != 0 || !strings.Contains(help.stdout, want) {
				t.Errorf("%s --help: %d, no %q in\n%s", e.Path, help.code, want, help.stdout)
			}
		}
		switch {
		case e.Path == "completion":
			words = append(words, "bash")
		case words[0] == "gen":
			words = append(words, "x", "--dry-run")
		}
		r := call(t, o, append(words, "--json")...)
		if r.code == 0 && r.stdout != "" && !json.Valid([]byte(r.stdout)) {
			t.Errorf("%s --json: %s", e.Path, r.stdout)
		}
	}
}

func TestColour(t *testing.T) {
	tty, err := os.Open(os.DevNull) // a character device, as a terminal is
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	for _, c := range []struct {
		noColor, term string
		want          bool
	}{{"", "xterm", true}, {"1", "xterm", false}, {"", "dumb", false}} {
		if got := colourful(tty, c.noColor, c.term); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
	if colourful(&strings.Builder{}, "", "xterm") {
		t.Error("a builder is no terminal")
	}
}
