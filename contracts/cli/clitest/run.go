package clitest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// checkRun runs an example as text and as JSON. An example may fail, for what it
// names need not exist; then the error is one line, and nothing looks like success.
func checkRun(ctx context.Context, c cli.Contributor, path, line string, r di.Resolver) error {
	for _, asJSON := range []bool{false, true} {
		all := commandsOf(c)
		i := slices.IndexFunc(all, func(cmd cli.Command) bool { return cmd.Path == path })
		if i < 0 || all[i].Run == nil {
			return nil // another rule's
		}
		cmd := all[i]
		args, err := parse(flagsOf(cmd), path, line)
		if err != nil {
			return err
		}
		// The flags are bound to the variables of the one that runs.
		if err := run(ctx, cmd, args, r, asJSON); err != nil {
			return fmt.Errorf("%q (JSON %v): %w", line, asJSON, err)
		}
	}
	return nil
}

func run(ctx context.Context, cmd cli.Command, args []string, r di.Resolver, asJSON bool) error {
	var stdout, stderr bytes.Buffer
	call := &cli.Call{Args: args, Stdout: &stdout, Stderr: &stderr, JSON: asJSON}
	watch := &watcher{Resolver: r, needs: cmd.Needs}
	if r != nil {
		call.Needs = watch
	}
	err := errs.Catch(func() error { return cmd.Run(ctx, call) })
	if _, ok := errors.AsType[*errs.PanicError](err); ok {
		return err
	}
	if watch.undeclared != nil {
		return watch.undeclared
	}
	if err != nil {
		if !lined(err) {
			return fmt.Errorf("its error is not one line for each problem: %q", err)
		}
		return documented(cmd, cli.ExitCode(err))
	}
	if asJSON && stdout.Len() > 0 && !json.Valid(stdout.Bytes()) {
		return fmt.Errorf("what it prints as JSON is not: %.200s", &stdout)
	}
	return nil
}

// lined reports whether err is one line, or joins errors that are.
func lined(err error) bool {
	if text := err.Error(); !strings.Contains(text, "\n") {
		return strings.TrimSpace(text) != ""
	}
	joined, ok := err.(interface{ Unwrap() []error })
	return ok && !slices.ContainsFunc(joined.Unwrap(), func(err error) bool { return !lined(err) })
}

func documented(cmd cli.Command, code int) error {
	if code == cli.Failed || code == cli.Usage || slices.ContainsFunc(cmd.Exits, func(e cli.Exit) bool { return e.Code == code }) {
		return nil
	}
	return fmt.Errorf("ends with the exit status %d, which Exits does not document", code)
}

// A watcher notes what is resolved and was not declared.
type watcher struct {
	di.Resolver
	needs []di.Key

	mu         sync.Mutex
	undeclared error
}

func (w *watcher) check(key di.Key) error {
	if slices.Contains(w.needs, key) || slices.Contains(w.needs, di.Optional(key)) {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.undeclared = di.ErrUndeclared.Wrap(nil, "cli: resolve %v", key)
	return w.undeclared
}

func (w *watcher) Resolve(ctx context.Context, key di.Key) (any, error) {
	if err := w.check(key); err != nil {
		return nil, err
	}
	return w.Resolver.Resolve(ctx, key)
}

// Has asks the resolver, if it can tell.
func (w *watcher) Has(key di.Key) (bool, error) {
	if err := w.check(key); err != nil {
		return false, err
	}
	f, ok := w.Resolver.(di.Finder)
	if !ok {
		return false, di.Err.Wrap(errors.ErrUnsupported, "clitest: the resolver finds nothing")
	}
	return f.Has(key)
}

func (w *watcher) Collect(ctx context.Context, typ reflect.Type) ([]any, error) {
	if err := w.check(di.Key{Type: typ, Name: "*"}); err != nil {
		return nil, err
	}
	c, ok := w.Resolver.(di.Collector)
	if !ok {
		return nil, di.Err.Wrap(errors.ErrUnsupported, "clitest: the resolver collects nothing")
	}
	return c.Collect(ctx, typ)
}
