//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// childEnv holds what a child process does, and where.
const childEnv = "FILESTORAGE_TEST_CHILD"

// child runs this process as a child if it is one: its standard output goes to
// the parent, its standard input comes from there.
func child() bool {
	role, rest, ok := strings.Cut(os.Getenv(childEnv), " ")
	if !ok {
		return false
	}
	number, dir, _ := strings.Cut(rest, " ")
	n, err := strconv.Atoi(number)
	if err == nil {
		err = roles[role](dir, n)
	}
	if err != nil {
		fmt.Println("error:", err)
		os.Exit(1)
	}
	return true
}

var roles = map[string]func(dir string, n int) error{
	"create": createRounds,
	"count":  countUp,
	"crash":  crashAt,
	"hold":   hold,
}

// createRounds puts r0, r1 … if absent, each when the parent says so, and says whether it won.
func createRounds(dir string, n int) error {
	s, err := Open(Config{Dir: dir, NoSync: true})
	if err != nil {
		return err
	}
	defer s.Close()
	in := bufio.NewReader(os.Stdin)
	for round := range n {
		if _, err := in.ReadString('\n'); err != nil {
			return err
		}
		_, err := s.Put(context.Background(), fmt.Sprint("r", round), strings.NewReader(fmt.Sprint(os.Getpid())), storage.IfAbsent())
		switch {
		case err == nil:
			fmt.Println("won")
		case errors.Is(err, storage.ErrPrecondition):
			fmt.Println("lost")
		default:
			return err
		}
	}
	return nil
}

// countUp adds one to the number in the blob "n", n times.
func countUp(dir string, n int) error {
	s, err := Open(Config{Dir: dir, NoSync: true})
	if err != nil {
		return err
	}
	defer s.Close()
	ctx := context.Background()
	for done := 0; done < n; {
		data, info, err := storage.ReadAll(ctx, s, "n", 100)
		if err != nil {
			return err
		}
		value, err := strconv.Atoi(string(data))
		if err != nil {
			return err
		}
		_, err = s.Put(ctx, "n", strings.NewReader(strconv.Itoa(value+1)), storage.IfMatch(info.ETag))
		switch {
		case err == nil:
			done++
		case !errors.Is(err, storage.ErrPrecondition):
			return err
		}
	}
	return nil
}

// crashAt kills this process before the nth change of the disk in a Put of "d/k".
func crashAt(dir string, n int) error {
	s, err := Open(Config{Dir: dir})
	if err != nil {
		return err
	}
	s.disk.fault = func(string) error {
		if n--; n == 0 {
			if err := syscall.Kill(os.Getpid(), syscall.SIGKILL); err != nil {
				return err
			}
			select {} // dead in a moment
		}
		return nil
	}
	_, err = s.Put(context.Background(), "d/k", strings.NewReader(text))
	if err == nil {
		fmt.Println("done")
	}
	return err
}

// hold puts "held" from a reader that waits for the parent in its middle.
func hold(dir string, _ int) error {
	s, err := Open(Config{Dir: dir})
	if err != nil {
		return err
	}
	defer s.Close()
	in := bufio.NewReader(os.Stdin)
	waits := readFunc(func([]byte) (int, error) {
		fmt.Println("writing")
		if _, err := in.ReadString('\n'); err != nil {
			return 0, err
		}
		return 0, io.EOF
	})
	if _, err = s.Put(context.Background(), "held", io.MultiReader(strings.NewReader(text), waits)); err != nil {
		return err
	}
	fmt.Println("done")
	return nil
}

// A process is a child and its ends of the pipes.
type process struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func start(t *testing.T, role, dir string, n int) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(exe)}
	p.cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s %d %s", childEnv, role, n, dir))
	p.cmd.Stderr = os.Stderr
	out, errOut := p.cmd.StdoutPipe()
	in, errIn := p.cmd.StdinPipe()
	if err := errors.Join(errOut, errIn); err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewReader(out)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.in.Close()
		p.cmd.Process.Kill() // if it still runs
		p.cmd.Wait()
	})
	return p
}

func (p *process) say(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(p.in, "go\n"); err != nil {
		t.Fatal(err)
	}
}

func (p *process) hear(t *testing.T) string {
	t.Helper()
	line, err := p.out.ReadString('\n')
	if err != nil {
		t.Fatalf("a child said %q: %v", line, err)
	}
	return strings.TrimSpace(line)
}

// wait returns what the child said until its end.
func (p *process) wait(t *testing.T) (string, error) {
	t.Helper()
	said, err := io.ReadAll(p.out)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(said)), p.cmd.Wait()
}
