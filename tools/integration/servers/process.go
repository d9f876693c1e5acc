package servers

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// A process is a server that runs until it is stopped by this handle.
type process struct {
	cmd  *exec.Cmd
	log  string        // file with what it printed
	done chan struct{} // closed when it has ended
	err  error         // of Wait; read after done
}

// start runs name with args in dir, as the owner of dir's files, with its
// output in dir/name.log.
func start(dir, name string, args ...string) (*process, error) {
	p := &process{log: filepath.Join(dir, filepath.Base(name)+".log"), done: make(chan struct{})}
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	p.cmd = exec.Command(name, args...)
	p.cmd.Dir = dir
	p.cmd.Stdout, p.cmd.Stderr = out, out
	if err := unprivileged(p.cmd); err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
	}()
	return p, nil
}

// stop sends sig, waits until the process has ended, and kills it after a
// time in which every server ends. It may be called twice.
func (p *process) stop(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	timer := time.NewTimer(30 * time.Second)
	defer timer.Stop()
	select {
	case <-p.done:
		return nil
	case <-timer.C:
		err := p.cmd.Process.Kill()
		<-p.done
		return errors.Join(fmt.Errorf("%s did not end within 30 s of %v\n%s", p.cmd.Path, sig, p.tail()), err)
	}
}

// tail returns the end of what the process printed.
func (p *process) tail() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4096):])
}
