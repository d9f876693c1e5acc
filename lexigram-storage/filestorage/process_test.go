//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

func TestOneProcessCreates(t *testing.T) {
	const rounds, children = 100, 3
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, NoSync: true})
	var all []*process
	for range children {
		all = append(all, start(t, "create", dir, rounds))
	}
	for round := range rounds {
		for _, p := range all {
			p.say(t)
		}
		winner := ""
		for _, p := range all {
			switch said := p.hear(t); said {
			case "won":
				if winner != "" {
					t.Errorf("round %d has two winners", round)
				}
				winner = fmt.Sprint(p.cmd.Process.Pid)
			case "lost":
			default:
				t.Fatal(said)
			}
		}
		if got, err := read(t, s, fmt.Sprint("r", round)); got != winner || err != nil {
			t.Errorf("round %d: the blob is by %q, %v, the winner is %q", round, got, err, winner)
		}
	}
}

func TestProcessesCountTogether(t *testing.T) {
	const each = 60
	dir := t.TempDir()
	s := open(t, Config{Dir: dir, NoSync: true})
	put(t, s, "n", "0")
	a, b := start(t, "count", dir, each), start(t, "count", dir, each)
	if err := countUp(dir, each); err != nil {
		t.Error(err)
	}
	for _, p := range []*process{a, b} {
		if said, err := p.wait(t); err != nil {
			t.Errorf("a child said %q: %v", said, err)
		}
	}
	if got, err := read(t, s, "n"); got != fmt.Sprint(3*each) || err != nil {
		t.Errorf("after %d increments the number is %s, %v", 3*each, got, err)
	}
}

func TestKilledAtEveryStep(t *testing.T) {
	for n := 1; ; n++ {
		dir := t.TempDir()
		s := open(t, Config{Dir: dir})
		put(t, s, "d/k", "old")
		said, err := start(t, "crash", dir, n).wait(t)
		if said == "done" {
			if err != nil || n < 8 {
				t.Errorf("the child was done after %d steps: %v", n-1, err)
			}
			break
		}
		if said != "" || err == nil {
			t.Fatalf("step %d: the child said %q: %v", n, said, err)
		}
		fresh := open(t, Config{Dir: dir})
		if got, err := read(t, fresh, "d/k"); err != nil || got != "old" && got != text {
			t.Errorf("killed at step %d: the blob has %d bytes, %v", n, len(got), err)
		}
		var keys []string
		for info, err := range storage.List(t.Context(), fresh, "") {
			keys = append(keys, info.Key)
			if err != nil {
				t.Error(err)
			}
		}
		if left := tempFiles(t, dir); len(left) > 0 || !slices.Equal(keys, []string{"d/k"}) {
			t.Errorf("killed at step %d: reopening leaves %q and lists %q", n, left, keys)
		}
		put(t, fresh, "d/k", "next") // no lock outlives its process
	}
}

func TestOpenSparesLivingWriters(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "hold", dir, 0)
	if said := p.hear(t); said != "writing" {
		t.Fatal(said)
	}
	s := open(t, Config{Dir: dir})
	if left := tempFiles(t, dir); len(left) != 1 {
		t.Fatalf("while a child writes, there are %q", left)
	}
	if _, err := s.Stat(t.Context(), "held"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("Stat of a blob that is being written = %v", err)
	}
	p.say(t)
	if said, err := p.wait(t); said != "done" || err != nil {
		t.Fatalf("the child said %q: %v", said, err)
	}
	if got, err := read(t, s, "held"); got != text || err != nil {
		t.Errorf("the child's blob has %d bytes, %v", len(got), err)
	}
}

func TestOpenSweepsAfterTheDead(t *testing.T) {
	dir := t.TempDir()
	p := start(t, "hold", dir, 0)
	if said := p.hear(t); said != "writing" {
		t.Fatal(said)
	}
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	p.wait(t)
	if left := tempFiles(t, dir); len(left) != 1 {
		t.Fatalf("a killed writer leaves %q", left)
	}
	s := open(t, Config{Dir: dir})
	if left := tempFiles(t, dir); len(left) > 0 {
		t.Errorf("after Open there are %q", left)
	}
	if _, err := s.Put(t.Context(), "held", strings.NewReader("v"), storage.IfAbsent()); err != nil {
		t.Error(err)
	}
}

// A sweeper that comes between making and locking a file may remove it; Put makes another one.
func TestPutSurvivesASweep(t *testing.T) {
	dir := t.TempDir()
	s, sweeper := open(t, Config{Dir: dir, NoSync: true}), open(t, Config{Dir: dir, NoSync: true})
	sweeps := 0
	s.disk.fault = func(op string) error {
		if op == "flock" && sweeps < 5 {
			sweeps++
			return sweep(sweeper.disk)
		}
		return nil
	}
	put(t, s, "k", "v")
	s.disk.fault = nil
	if got, err := read(t, s, "k"); got != "v" || err != nil || sweeps != 5 {
		t.Errorf("the blob reads %q, %v after %d sweeps", got, err, sweeps)
	}
	if left := tempFiles(t, dir); len(left) > 0 {
		t.Errorf("there are %q left", left)
	}
}
