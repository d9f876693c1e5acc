// Package askdocs runs the reference application as users do: as a process, on
// production backends chosen by configuration alone, and in a real browser.
package askdocs

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/tools/integration/servers"
)

func TestMain(m *testing.M) { servers.Main(m) }

// binary is the command, built once for all tests.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "askdocs")
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "askdocs")
	cmd := exec.Command("go", "build", "-o", bin, ".")
	cmd.Dir = "../../../examples/askdocs"
	cmd.Env = append(os.Environ(), "GOWORK=") // in the workspace, of which this module is no part
	out, err := cmd.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go build: %w\n%s", err, out)
	}
	return bin, err
})

// A library is a data directory and a configuration of askdocs.
type library struct {
	bin, data, config string
}

func newLibrary(t *testing.T, config string) *library {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	l := &library{bin: bin, data: filepath.Join(t.TempDir(), "data"), config: filepath.Join(t.TempDir(), "askdocs.yaml")}
	if err := os.WriteFile(l.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

// run runs a command to its end and returns what it printed.
func (l *library) run(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, l.bin, append(args, "--data", l.data, "--config", l.config, "--no-import")...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("askdocs %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

var keyLine = regexp.MustCompile(`its key, shown only now: (\S+)`)

// importFiles adds files to a new tenant and returns its key.
func (l *library) importFiles(t *testing.T, tenant string, files map[string]string) (key string) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out := l.run(t, "import", dir, "--tenant", tenant)
	found := keyLine.FindStringSubmatch(out)
	if found == nil || !strings.Contains(out, fmt.Sprintf("imported %d of %[1]d files", len(files))) {
		t.Fatalf("import:\n%s", out)
	}
	return found[1]
}

// serve runs the server until the test ends, and returns its URL.
func (l *library) serve(t *testing.T) (url string) {
	t.Helper()
	cmd := exec.Command(l.bin, "serve", "--data", l.data, "--config", l.config, "--no-import", "--addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			t.Error(err)
		}
		_, _ = io.Copy(io.Discard, out) // to its end, which Wait needs
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
	})
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "serving on"); ok {
			return strings.TrimSpace(rest)
		}
	}
	t.Fatal("the server ended before it served")
	return ""
}

const handbook = "# Handbook\n\nThe deputy of the harbour master is called Grace Hopper.\n\n## Tides\n\nHigh tide is announced by two long blasts.\n"
