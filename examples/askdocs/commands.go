package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/askclient"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/extract"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/instance"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/library"
	"github.com/lexigram/lexigram-go/examples/askdocs/internal/webui"
)

// serve runs the application until ctx ends.
func (c *program) serve(ctx context.Context) error {
	own, first, err := instance.OpenOrFind(ctx, c.data)
	if err != nil {
		return err
	}
	if own == nil {
		return fmt.Errorf("%s is served already at %s (process %d): use another --data", c.data, first.URL, first.PID)
	}
	return c.withServer(ctx, own, c.addr, func(ctx context.Context, s instance.Server) error {
		if err := c.Print(served{c.data, s.URL}); err != nil {
			return err
		}
		client := askclient.New(s.URL, library.Golang, "")
		defer client.Close()
		p := newProgress(c.Stderr, "importing Go documents")
		err := client.WaitIndexed(ctx, p.show)
		p.done()
		switch {
		case errors.Is(err, askclient.ErrImport), errors.Is(err, askclient.ErrWaiting):
			fmt.Fprintln(c.Stderr, "askdocs:", err)
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil && !c.JSON:
			fmt.Fprintln(c.Stdout, "ready           ask there, or: askdocs ask \"how does a WaitGroup work?\"")
		}
		<-ctx.Done() // the way to end a server
		return nil
	})
}

// served is what serve prints.
type served struct {
	Data string `json:"data_directory"`
	URL  string `json:"url"`
}

// String returns two lines.
func (s served) String() string {
	return fmt.Sprintf("data directory  %s\nserving on      %s", cli.Plain(s.Data), s.URL)
}

// connected calls fn with a server of the data directory: the one of the
// process that owns it, or one of this process's own.
func (c *program) connected(ctx context.Context, fn func(ctx context.Context, s instance.Server) error) error {
	own, first, err := instance.OpenOrFind(ctx, c.data)
	if err != nil {
		return err
	}
	if own != nil {
		return c.withServer(ctx, own, "127.0.0.1:0", fn)
	}
	return fn(ctx, first)
}

func (c *program) ask(ctx context.Context) error {
	if !utf8.ValidString(c.Args[0]) {
		return errors.New("question is not UTF-8")
	}
	return c.connected(ctx, func(ctx context.Context, s instance.Server) error {
		client := askclient.New(s.URL, c.tenant, c.key)
		defer client.Close()
		p := newProgress(c.Stderr, "importing Go documents")
		err := client.WaitIndexed(ctx, p.show)
		p.done()
		if errors.Is(err, askclient.ErrWaiting) { // the others can be asked
			fmt.Fprintln(c.Stderr, "askdocs:", err)
			err = nil
		}
		if err != nil {
			return err
		}
		out := bufio.NewWriter(c.Stdout)
		answer, err := client.Ask(ctx, c.Args[0], func(text string) error {
			if c.JSON {
				return nil
			}
			_, err := out.WriteString(text)
			return errors.Join(err, out.Flush())
		})
		if err != nil {
			return err
		}
		if c.JSON {
			return c.Print(answer)
		}
		fmt.Fprint(out, "\n\n")
		for _, cite := range answer.Citations {
			fmt.Fprintln(out, cite)
		}
		return out.Flush()
	})
}

// importDir uploads the files of a directory that can be read and waits until
// they are found. One that is refused does not stop the others.
func (c *program) importDir(ctx context.Context) error {
	root, err := os.OpenRoot(c.Args[0])
	if err != nil {
		return fmt.Errorf("import: %w", err)
	}
	defer root.Close()
	names, err := importable(root.FS())
	if err != nil {
		return fmt.Errorf("import %s: %w", c.Args[0], err)
	}
	if len(names) == 0 {
		return fmt.Errorf("import %s: no .txt, .md, .html or .go files", c.Args[0])
	}
	return c.connected(ctx, func(ctx context.Context, s instance.Server) (err error) {
		client := askclient.New(s.URL, c.tenant, c.key)
		defer client.Close()
		done := imported{Tenant: c.tenant, Files: len(names)}
		if c.JSON {
			defer func() { err = errors.Join(err, c.Print(done)) }() // the key, at least
		}
		if c.key == "" && c.tenant != library.Golang {
			if done.Key, err = c.newTenant(ctx, client, s.Admin); err != nil {
				return err
			}
		}
		var refused []error
		p := newProgress(c.Stderr, "uploading")
		for i, name := range names {
			p.count(i, len(names))
			if err := upload(ctx, client, root, name); err != nil {
				_, server := errors.AsType[*askclient.Problem](err)
				if !server && !errors.Is(err, fs.ErrPermission) && !errors.Is(err, fs.ErrNotExist) || ctx.Err() != nil {
					return err
				}
				refused = append(refused, err)
			}
		}
		p.count(len(names), len(names))
		p.done()
		p = newProgress(c.Stderr, "indexing")
		err = client.WaitIndexed(ctx, func(s webui.Status) {
			p.count(len(names)-s.Documents[library.Pending], len(names))
		})
		p.done()
		if err != nil {
			return err
		}
		failed, err := client.Failed(ctx)
		if err != nil {
			return err
		}
		for _, doc := range failed {
			if slices.Contains(names, doc.Path) {
				refused = append(refused, errors.New(doc.Reason))
			}
		}
		if done.Imported = len(names) - len(refused); !c.JSON {
			refused = append(refused, c.Print(done))
		}
		return errors.Join(refused...)
	})
}

// imported is what import prints.
type imported struct {
	Tenant   tenancy.ID `json:"tenant"`
	Key      string     `json:"key,omitempty"` // of a new tenant
	Imported int        `json:"imported"`
	Files    int        `json:"files"`
}

// String returns one line.
func (i imported) String() string {
	return fmt.Sprintf("imported %d of %d files into tenant %s", i.Imported, i.Files, i.Tenant)
}

// newTenant makes the tenant and shows its key, this once.
func (c *program) newTenant(ctx context.Context, client *askclient.Client, admin string) (string, error) {
	key, err := client.CreateTenant(ctx, admin)
	if p, ok := errors.AsType[*askclient.Problem](err); ok && p.Status == 409 {
		return "", fmt.Errorf("tenant %s exists: give its key with --key or $ASKDOCS_KEY", c.tenant)
	}
	if err != nil || c.JSON {
		return key, err
	}
	_, err = fmt.Fprintf(c.Stdout, "tenant %s made; its key, shown only now: %s\n", c.tenant, key)
	return key, err
}

// health asks the process that serves, or serves itself.
func (c *program) health(ctx context.Context) error {
	c.noImport = true
	found, err := boot.New(boot.Options{}).Contributions(ctx)
	if err != nil {
		return err
	}
	return c.connected(ctx, func(ctx context.Context, s instance.Server) error {
		for _, cmd := range found[0].Contributor.(cli.CommandContributor).Commands() {
			if cmd.Path != "health" {
				continue
			}
			fs := flag.NewFlagSet(cmd.Path, flag.ContinueOnError)
			cmd.Flags(fs)
			if err := errors.Join(fs.Set("url", s.URL), fs.Set("probe", c.probe)); err != nil {
				return err
			}
			return cmd.Run(ctx, c.Call)
		}
		return errors.New("no command asks for health")
	})
}

func upload(ctx context.Context, client *askclient.Client, root *os.Root, name string) error {
	f, err := root.Open(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	_, err = client.Upload(ctx, name, f, info.Size())
	return err
}

// importable returns the regular files that can be read, in order. Hidden files
// and directories are left out.
func importable(dir fs.FS) ([]string, error) {
	var names []string
	err := fs.WalkDir(dir, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case name != "." && strings.HasPrefix(path.Base(name), "."):
			if e.IsDir() {
				return fs.SkipDir
			}
		case e.Type().IsRegular() && path.Ext(name) != "" && extract.Supported(name):
			names = append(names, name)
		}
		return nil
	})
	return names, err
}
