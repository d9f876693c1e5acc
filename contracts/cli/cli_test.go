package cli_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

func TestCheckArgs(t *testing.T) {
	for _, c := range []struct {
		args  string
		takes []int
		not   []int
	}{
		{"", []int{0}, []int{1}},
		{"KEY", []int{1}, []int{0, 2}},
		{"[KEY]", []int{0, 1}, []int{2}},
		{"ID...", []int{1, 2, 9}, []int{0}},
		{"[ID...]", []int{0, 1, 9}, nil},
		{"A [B]", []int{1, 2}, []int{0, 3}},
		{"A B...", []int{2, 9}, []int{0, 1}},
	} {
		cmd := cli.Command{Path: "p", Args: c.args}
		for _, n := range c.takes {
			if err := cmd.CheckArgs(make([]string, n)); err != nil {
				t.Errorf("%q: %v", c.args, err)
			}
		}
		for _, n := range c.not {
			err := cmd.CheckArgs(make([]string, n))
			if !errors.Is(err, cli.ErrUsage) || cli.ExitCode(err) != cli.Usage || !strings.HasPrefix(err.Error(), "p: takes ") {
				t.Errorf("%q with %d: %v", c.args, n, err)
			}
		}
	}
}

type shelf struct {
	Name string `json:"name"`
}

func (s shelf) String() string { return "shelf " + s.Name }

func TestPrint(t *testing.T) {
	for _, c := range []struct {
		json bool
		v    any
		want string
	}{
		{false, shelf{"a"}, "shelf a\n"},
		{false, "x\n", "x\n"},
		{false, "", ""},
		{false, 7, "7\n"},
		{true, shelf{"<a>"}, "{\n  \"name\": \"<a>\"\n}\n"},
		{true, []int{}, "[]\n"},
	} {
		var b bytes.Buffer
		call := cli.Call{Stdout: &b, JSON: c.json}
		if err := call.Print(c.v); err != nil || b.String() != c.want {
			t.Errorf("%v: %q, %v", c.v, &b, err)
		}
	}
	call := cli.Call{Stdout: full{}, JSON: true}
	if err := call.Print(1); !errors.Is(err, os.ErrClosed) {
		t.Errorf("a writer that fails: %v", err)
	}
	if err := call.Print(func() {}); !errors.Is(err, cli.Err) {
		t.Errorf("a value that is not JSON: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"leek & potato é": "leek & potato é", "a\x1b[31mb\nc\t": `a\x1b[31mb\nc\t`, "\u202eevil": `\u202eevil`, "it's": "it's",
	} {
		if got := cli.Plain(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestExitCode(t *testing.T) {
	three := &cli.ExitError{Code: 3, Err: os.ErrNotExist}
	for _, c := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{os.ErrNotExist, 1},
		{context.Canceled, 1},
		{cli.ErrUsage.Wrap(nil, "x"), 2},
		{cli.ErrField.Wrap(nil, "x"), 2},
		{fmt.Errorf("x: %w", three), 3},
		{errors.Join(os.ErrClosed, three), 3},
	} {
		if got := cli.ExitCode(c.err); got != c.want {
			t.Errorf("%v: %d, want %d", c.err, got, c.want)
		}
	}
	if three.Error() != os.ErrNotExist.Error() || !errors.Is(three, os.ErrNotExist) {
		t.Error(three)
	}
}

func TestNames(t *testing.T) {
	for in, want := range map[string][2]string{
		"HTTPServer": {"http_server", "HttpServer"}, "order-line": {"order_line", "OrderLine"}, "orderLine2": {"order_line2", "OrderLine2"},
		"S3Bucket": {"s3_bucket", "S3Bucket"}, "": {"", ""}, "__a": {"a", "A"}, "ÜberName": {"über_name", "ÜberName"},
	} {
		if got := [2]string{cli.Snake(in), cli.Camel(in)}; got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestStrings(t *testing.T) {
	r := cli.GenerationResult{Created: []string{"b", "a\x1b"}, Skipped: []string{"c"}}
	if got := r.String(); got != "created b\ncreated a\\x1b\nskipped c\n" {
		t.Errorf("%q", got)
	}
	for f, want := range map[cli.Finding]string{
		{Problem: "p"}:                          "error: p",
		{Problem: "p", Fix: "f", Warning: true}: "warning: p (f)",
	} {
		if f.String() != want {
			t.Errorf("%q, want %q", f, want)
		}
	}
}

func ExampleTable() {
	fmt.Print(cli.Table([]string{"TENANT", "STATUS"}, []string{"acme", "active"}, []string{"bell\a", "suspended"}))
	// Output:
	// TENANT  STATUS
	// acme    active
	// bell\a  suspended
}

func ExampleCall_Print() {
	for _, asJSON := range []bool{false, true} {
		call := cli.Call{Stdout: os.Stdout, JSON: asJSON}
		if err := call.Print(cli.Finding{Problem: "sql.url is a placeholder", Fix: "set LEX_SQL__URL"}); err != nil {
			panic(err)
		}
	}
	// Output:
	// error: sql.url is a placeholder (set LEX_SQL__URL)
	// {
	//   "warning": false,
	//   "problem": "sql.url is a placeholder",
	//   "fix": "set LEX_SQL__URL"
	// }
}
