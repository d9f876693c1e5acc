package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/lifecycle"
	"github.com/lexigram/lexigram-go/contracts/module"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/godocs"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// An importer adds the Go documents to the public tenant, once for each version
// of Go. It works in the background from Bootstrap on.
type importer struct {
	enabled bool
	logger  *slog.Logger

	cancel context.CancelFunc
	ended  chan struct{} // closed when the work has ended; nil before it began

	running atomic.Bool
	known   atomic.Int64 // documents that an earlier process had imported
	total   atomic.Int64
	problem atomic.Pointer[error] // why the work ended early
	lib     *library.Library
}

func newImporter(enabled bool, logger *slog.Logger) *importer {
	return &importer{enabled: enabled, logger: logger}
}

// module offers the importer itself, whose progress the site shows.
func (i *importer) module() module.Descriptor {
	return module.Descriptor{
		Name:      "import",
		Providers: []lifecycle.Provider{i},
		Needs:     []di.Key{di.KeyOf[*library.Library]()},
		Exports:   []di.Key{di.KeyOf[*importer]()},
	}
}

// Name implements [lifecycle.Provider].
func (i *importer) Name() string { return "import" }

// Register implements [lifecycle.Provider].
func (i *importer) Register(r di.Registrar) error { return di.Value(r, i) }

// Needs implements [lifecycle.Booter].
func (i *importer) Needs() []di.Key { return []di.Key{di.KeyOf[*library.Library]()} }

// Boot finds out whether there is something to import, so that whoever asks for
// the progress first is told the truth.
func (i *importer) Boot(ctx context.Context, r di.Resolver) error {
	if !i.enabled {
		return nil
	}
	lib, err := di.Get[*library.Library](ctx, r)
	if err != nil {
		return err
	}
	i.lib = lib
	root, err := godocs.Root(ctx)
	if err != nil {
		return err
	}
	version := godocs.Version(root)
	known, err := lib.Imported(tenancy.With(ctx, library.Golang), importSource)
	if err != nil || known == version {
		return err
	}
	i.running.Store(true)
	work, cancel := context.WithCancel(tenancy.With(context.WithoutCancel(ctx), library.Golang))
	i.cancel, i.ended = cancel, make(chan struct{})
	go i.work(work, root, version)
	return nil
}

const importSource = "go distribution"

func (i *importer) work(ctx context.Context, root, version string) {
	defer close(i.ended)
	defer i.running.Store(false)
	if err := i.run(ctx, root, version); err != nil && ctx.Err() == nil {
		i.problem.Store(&err)
	}
}

func (i *importer) run(ctx context.Context, dir, version string) error {
	root := os.DirFS(dir) // not an os.Root: packagers make src and doc links to elsewhere
	names, err := godocs.List(root)
	if err != nil {
		return err
	}
	i.total.Store(int64(len(names)))
	if err := i.addAll(ctx, root, names); err != nil {
		return err
	}
	if err := i.prune(ctx, names); err != nil {
		return err
	}
	if err := i.lib.WaitIdle(ctx); err != nil {
		return err
	}
	return i.lib.SetImported(ctx, importSource, version)
}

// uploaders is how many documents are added at the same time.
const uploaders = 4

func (i *importer) addAll(ctx context.Context, root fs.FS, names []string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	queue := make(chan string)
	var wg sync.WaitGroup
	for range uploaders {
		wg.Go(func() {
			for name := range queue {
				if err := i.add(ctx, root, name); err != nil {
					cancel(fmt.Errorf("%s: %w", name, err))
				}
			}
		})
	}
	for _, name := range names {
		select {
		case queue <- name:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(queue)
	wg.Wait()
	return context.Cause(ctx)
}

// add adds one document. One that is refused does not stop the import.
func (i *importer) add(ctx context.Context, root fs.FS, name string) error {
	if ctx.Err() != nil {
		return nil // another one failed
	}
	f, err := root.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // a dangling link of the distribution
	}
	if err != nil {
		return err
	}
	defer f.Close()
	doc, err := i.lib.Add(ctx, name, f, -1)
	if errors.Is(err, library.ErrDocument) {
		i.logger.InfoContext(ctx, "document left out", "path", name, "reason", err)
		err = nil
	}
	if doc.Status == library.Indexed {
		i.known.Add(1)
	}
	return err
}

// prune removes the documents of an earlier distribution that this one, whose
// names are sorted, has no more: a citation leads to a file.
func (i *importer) prune(ctx context.Context, names []string) error {
	const page = 1000
	for after := ""; ; {
		docs, err := i.lib.List(ctx, after, page)
		if err != nil {
			return err
		}
		for _, doc := range docs {
			after = doc.Path
			if _, has := slices.BinarySearch(names, doc.Path); has {
				continue
			}
			if err := i.lib.Remove(ctx, doc.Path); err != nil {
				return err
			}
		}
		if len(docs) < page {
			return nil
		}
	}
}

// progress counts a document as done when search finds it.
func (i *importer) progress() webui.Progress {
	p := webui.Progress{Running: i.running.Load(), Total: int(i.total.Load())}
	if i.lib != nil {
		p.Done = min(int(i.lib.Handled()+i.known.Load()), p.Total)
	}
	if err := i.problem.Load(); err != nil {
		p.Problem = (*err).Error()
	}
	return p
}

// Drain stops the import; the next start takes it up again.
func (i *importer) Drain(ctx context.Context) error {
	if i.ended == nil {
		return nil
	}
	i.cancel()
	select {
	case <-i.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Shutdown implements [lifecycle.Stopper].
func (i *importer) Shutdown(ctx context.Context) error { return i.Drain(ctx) }

var (
	_ lifecycle.Booter  = (*importer)(nil)
	_ lifecycle.Drainer = (*importer)(nil)
	_ lifecycle.Stopper = (*importer)(nil)
)
