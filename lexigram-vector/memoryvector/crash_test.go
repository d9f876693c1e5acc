package memoryvector

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// contents returns what collection c of the store in dir holds, by ID.
func contents(t testing.TB, dir string) map[string]vector.Match {
	t.Helper()
	s := must[*Store](t)(Open(Config{Dir: dir}))
	c := must[vector.Collection](t)(s.Open(t.Context(), "c"))
	found := must[[]vector.Match](t)(c.Search(t.Context(), vector.Query{Vector: []float32{1, 0}, Limit: vector.MaxLimit, Vectors: true}))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	out := map[string]vector.Match{}
	for _, m := range found {
		out[m.ID] = m
	}
	return out
}

// TestTorn cuts the journal at every byte of the last call, which replaces,
// adds or deletes: all of it is there or nothing.
func TestTorn(t *testing.T) {
	first := []vector.Point{{ID: "a", Vector: []float32{1, 0}, Payload: map[string]any{"v": 1}}, {ID: "b", Vector: []float32{2, 0}}}
	for name, last := range map[string]func(c vector.Collection) error{
		"upsert": func(c vector.Collection) error {
			return c.Upsert(t.Context(), vector.Point{ID: "a", Vector: []float32{3, 0}, Payload: map[string]any{"v": 2, "tags": []string{"x"}}}, vector.Point{ID: "c", Vector: []float32{4, 0}})
		},
		"delete": func(c vector.Collection) error { return c.Delete(t.Context(), "a", "b") },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			file := filepath.Join(dir, "c"+suffix)
			s := must[*Store](t)(Open(Config{Dir: dir}))
			c := must[vector.Collection](t)(s.Create(t.Context(), "c", vector.Config{Dimension: 2, Metric: vector.Dot}))
			if err := c.Upsert(t.Context(), first...); err != nil {
				t.Fatal(err)
			}
			before := must[[]byte](t)(os.ReadFile(file))
			if err := errors.Join(last(c), s.Close()); err != nil {
				t.Fatal(err)
			}
			after := must[[]byte](t)(os.ReadFile(file))
			old, whole := "", fmt.Sprint(contents(t, dir))
			for n := len(before); n <= len(after); n++ {
				if err := os.WriteFile(file, after[:n], 0o600); err != nil {
					t.Fatal(err)
				}
				got := fmt.Sprint(contents(t, dir))
				if n == len(before) {
					old = got
				}
				if want := map[bool]string{true: whole, false: old}[n == len(after)]; got != want || old == whole {
					t.Fatalf("%d of %d bytes: %s, want %s", n, len(after), got, want)
				}
			}
		})
	}
}

// TestKilled kills a process that writes without a pause. What it had an
// answer for is there, and each call is there whole or not at all.
func TestKilled(t *testing.T) {
	if dir := os.Getenv("MEMORYVECTOR_KILLED"); dir != "" {
		writeUntilKilled(t, dir)
		return
	}
	dir := t.TempDir()
	acknowledged := -1
	for round := range 3 {
		acknowledged = runAndKill(t, dir, 40*(round+1), acknowledged)
		got := contents(t, dir)
		for call := range acknowledged + 1 {
			if _, ok := got[fmt.Sprint(call, " a")]; !ok {
				t.Fatalf("round %d: call %d of %d was answered and is lost", round, call, acknowledged)
			}
		}
		for id := range got {
			call, _, _ := strings.Cut(id, " ")
			if _, a := got[call+" a"]; !a {
				t.Fatalf("half of call %s is there", call)
			}
			if _, b := got[call+" b"]; !b {
				t.Fatalf("half of call %s is there", call)
			}
		}
		if len(got)/2 > acknowledged+2 {
			t.Fatalf("%d calls are there, %d were answered", len(got)/2, acknowledged+1)
		}
		acknowledged = len(got)/2 - 1
	}
}

// runAndKill runs writeUntilKilled in a process of its own until it has
// answered so many calls, and returns the last of them.
func runAndKill(t *testing.T, dir string, calls, from int) (acknowledged int) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	cmd.Env = append(os.Environ(), "MEMORYVECTOR_KILLED="+dir, fmt.Sprint("MEMORYVECTOR_FROM=", from+1))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acknowledged = from
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if _, err := fmt.Sscanf(lines.Text(), "answered %d", &acknowledged); err != nil {
			t.Errorf("the process says %q", lines.Text())
		}
		if acknowledged-from == calls {
			_ = cmd.Process.Kill() // in the middle of the next call, as a rule
		}
	}
	_ = cmd.Wait() // it was killed
	if acknowledged-from < calls {
		t.Fatalf("the process answered %d calls, want %d", acknowledged-from, calls)
	}
	return acknowledged
}

func writeUntilKilled(t *testing.T, dir string) {
	s := must[*Store](t)(Open(Config{Dir: dir}))
	c := must[vector.Collection](t)(vector.Ensure(t.Context(), s, "c", vector.Config{Dimension: 2, Metric: vector.Dot}))
	var from int
	if _, err := fmt.Sscan(os.Getenv("MEMORYVECTOR_FROM"), &from); err != nil {
		t.Fatal(err)
	}
	payload := map[string]any{"text": strings.Repeat("long ", 2_000)}
	for call := from; ; call++ {
		err := c.Upsert(t.Context(), vector.Point{ID: fmt.Sprint(call, " a"), Vector: []float32{1, 0}, Payload: payload},
			vector.Point{ID: fmt.Sprint(call, " b"), Vector: []float32{1, 0}, Payload: payload})
		if err != nil {
			t.Fatal(err)
		}
		fmt.Println("answered", call)
	}
}

func TestDamagedInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	s := must[*Store](t)(Open(Config{Dir: dir}))
	c := must[vector.Collection](t)(s.Create(t.Context(), "c", vector.Config{Dimension: 2}))
	for i := range 3 {
		if err := c.Upsert(t.Context(), vector.Point{ID: fmt.Sprint(i), Vector: []float32{1, 0}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "c"+suffix)
	b := must[[]byte](t)(os.ReadFile(file))
	b[len(b)/2] ^= 1
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Open(Config{Dir: dir})
	if !errors.Is(err, vector.Err) || !strings.Contains(err.Error(), "c"+suffix) || !strings.Contains(err.Error(), "offset") || strings.Contains(err.Error(), "\n") {
		t.Fatalf("Open = %v, want an error of one line with file and offset", err)
	}
	b[len(b)/2] ^= 1 // a store that could not be opened has let go of its directory
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := contents(t, dir); len(got) != 3 {
		t.Fatalf("%d points", len(got))
	}
}
