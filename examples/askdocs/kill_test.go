package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/examples/askdocs/internal/askclient"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/instance"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// build compiles the command with its fail points.
func build(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "askdocs")
	out, err := exec.CommandContext(t.Context(), "go", "build", "-tags", "failpoint", "-o", bin, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return bin
}

// A process is a server under test.
type process struct {
	cmd    *exec.Cmd
	server instance.Server
	stderr chan string // its lines; closed at its end
}

// start runs a server on data that stops at the fail point, if one is named.
func start(t *testing.T, bin, data, failpoint string) *process {
	t.Helper()
	p := &process{cmd: exec.Command(bin, "serve", "--data", data, "--addr", "127.0.0.1:0", "--no-import"), stderr: make(chan string, 1000)}
	p.cmd.Env = append(os.Environ(), "ASKDOCS_FAILPOINT="+failpoint)
	errs, err := p.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.stderr)
		for lines := bufio.NewScanner(errs); lines.Scan(); {
			p.stderr <- lines.Text()
		}
	}()
	t.Cleanup(func() { p.kill(t) })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for p.server.PID != p.cmd.Process.Pid {
		p.server, err = instance.Find(ctx, data)
		if ctx.Err() != nil {
			t.Fatalf("the server does not start: %v\n%s", err, p.output())
		}
	}
	return p
}

// kill ends the process as kill -9 does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if p.cmd.ProcessState != nil {
		return
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Error(err)
	}
	p.output()
	if err := p.cmd.Wait(); err == nil {
		t.Error("a killed process ended without an error")
	}
}

// output returns what is left of stderr, to its end.
func (p *process) output() string {
	var b strings.Builder
	for line := range p.stderr {
		b.WriteString(line + "\n")
	}
	return b.String()
}

func (p *process) waitFor(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case line, ok := <-p.stderr:
			if !ok {
				t.Fatalf("the process ended before %q", text)
			}
			if strings.Contains(line, text) {
				return
			}
		case <-deadline:
			t.Fatalf("%q does not come", text)
		}
	}
}

const handbook = "# Handbook\n\nThe deputy of the harbour master is called Grace Hopper.\n"

func TestKilledUploadIsCompleted(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and kills a real process at six points")
	}
	bin := build(t)
	for _, point := range []string{
		"after the blob", "before the commit", "after the commit",
		"after the claim", "between two index writes", "before the mark",
	} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			data := t.TempDir()
			first := start(t, bin, data, point)
			client := askclient.New(first.server.URL, "acme", "")
			defer client.Close()
			key, err := client.CreateTenant(t.Context(), first.server.Admin)
			if err != nil {
				t.Fatal(err)
			}
			uploaded := make(chan error, 1)
			go func() {
				_, err := client.Upload(context.Background(), "handbook.md", strings.NewReader(handbook), int64(len(handbook)))
				uploaded <- err // an error if the process died before it answered
			}()
			first.waitFor(t, "failpoint reached: "+point)
			first.kill(t)
			<-uploaded

			second := start(t, bin, data, "")
			checkComplete(t, second, key)
			checkBlobs(t, filepath.Join(data, "blobs"), "Grace Hopper", 1)
		})
	}
}

// checkComplete wants the handbook to be indexed once, found and cited.
func checkComplete(t *testing.T, p *process, key string) {
	t.Helper()
	client := askclient.New(p.server.URL, "acme", key)
	defer client.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var last webui.Status
	if err := client.WaitIndexed(ctx, func(s webui.Status) { last = s }); err != nil {
		t.Fatalf("%v: %+v", err, last)
	}
	if last.Documents[library.Indexed] != 1 || len(last.Documents) != 1 {
		t.Errorf("documents: %v, want one indexed", last.Documents)
	}
	answer, err := client.Ask(ctx, "who is the deputy of the harbour master?", func(string) error { return nil })
	if err != nil || !strings.Contains(answer.Text, "Grace Hopper") || len(answer.Citations) != 1 || answer.Citations[0].Ref != "handbook.md#handbook" {
		t.Errorf("answer: %+v, %v", answer, err)
	}
	// The answer would come from the vectors alone; only the words make an excerpt.
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.server.URL+"/api/search?q=harbour", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{"X-Tenant": {"acme"}, "Authorization": {"Bearer " + key}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	var found webui.Hits
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil || len(found.Hits) != 1 || found.Hits[0].Excerpt == "" {
		t.Errorf("search: %+v, %v, want one hit, in the words too", found, err)
	}
}

// checkBlobs counts the files that hold the text.
func checkBlobs(t *testing.T, dir, text string, want int) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if strings.Contains(string(data), text) {
			n++
		}
		return err
	})
	if err != nil || n != want {
		t.Errorf("%d files hold %q, %v, want %d", n, text, err, want)
	}
}

func TestSecondProcessAsksTheFirst(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs real processes")
	}
	bin := build(t)
	data := t.TempDir()
	first := start(t, bin, data, "")
	docs := write(t, map[string]string{"handbook.md": handbook})
	out, err := exec.CommandContext(t.Context(), bin, "import", docs, "--tenant", "acme", "--data", data).CombinedOutput()
	if err != nil {
		t.Fatalf("import: %v\n%s", err, out)
	}
	key := keyLine.FindStringSubmatch(string(out))
	if key == nil {
		t.Fatalf("no key in:\n%s", out)
	}
	checkComplete(t, first, key[1])
	cmd := exec.CommandContext(t.Context(), bin, "ask", "who is the deputy of the harbour master?", "--tenant", "acme", "--data", data)
	cmd.Env = append(os.Environ(), "ASKDOCS_KEY="+key[1])
	out, err = cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "[1] handbook.md#handbook") {
		t.Errorf("ask: %v\n%s", err, out)
	}
	out, err = exec.CommandContext(t.Context(), bin, "serve", "--data", data).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "is served already at "+first.server.URL) {
		t.Errorf("serve: %v\n%s", err, out)
	}

	if err := first.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest := first.output()
	if err := first.cmd.Wait(); err != nil {
		t.Errorf("interrupted: %v\n%s", err, rest)
	}
}
