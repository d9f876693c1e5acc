package clitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

func generatorsOf(c cli.Contributor) []cli.GeneratorDefinition {
	if g, ok := c.(cli.GeneratorContributor); ok {
		return g.Generators()
	}
	return nil
}

func eachGenerator(c cli.Contributor, fn func(cli.GeneratorDefinition) error) error {
	var all []error
	for _, g := range generatorsOf(c) {
		if err := errs.Catch(func() error { return fn(g) }); err != nil {
			all = append(all, fmt.Errorf("generator %q: %w", g.Name, err))
		}
	}
	return errors.Join(all...)
}

func checkGenerators(_ context.Context, c cli.Contributor) error {
	seen := map[string]bool{}
	return eachGenerator(c, func(g cli.GeneratorDefinition) error {
		switch {
		case !word.MatchString(g.Name) || seen[g.Name]:
			return errors.New("its name is not a lower-case word, or taken")
		case g.Generate == nil:
			return errors.New("Generate is nil")
		case len(lines(g.Example)) == 0:
			return errors.New("has no example")
		case g.Dir != "" && !filepath.IsLocal(filepath.FromSlash(g.Dir)):
			return fmt.Errorf("Dir %q is not below the working directory", g.Dir)
		}
		seen[g.Name] = true
		for _, line := range lines(g.Example) {
			if !strings.HasPrefix(line, g.Name+" ") {
				return fmt.Errorf("example %q does not begin with the name", line)
			}
		}
		return short(g.Short)
	})
}

// theirs are the flags of the command line itself.
var theirs = []string{"fields", "output-dir", "dry-run", "force", "help", "json"}

func checkOptions(_ context.Context, c cli.Contributor) error {
	return eachGenerator(c, func(g cli.GeneratorDefinition) error {
		names, letters := slices.Clone(theirs), []byte{'f', 'o', 'h'}
		for _, o := range g.Options {
			switch {
			case !word.MatchString(o.Name) || slices.Contains(names, o.Name):
				return fmt.Errorf("option %q: the name is not a lower-case word, or taken", o.Name)
			case o.Letter != 0 && (o.Letter < 'a' || o.Letter > 'z' || slices.Contains(letters, o.Letter)):
				return fmt.Errorf("option %q: the letter %q is none, or taken", o.Name, o.Letter)
			case o.Required && o.Default != "":
				return fmt.Errorf("option %q is required and has a default", o.Name)
			case o.Bool && o.Default != "" && o.Default != "true" && o.Default != "false":
				return fmt.Errorf("option %q: the default %q is not true or false", o.Name, o.Default)
			case o.OneOf != nil && !o.Required && !slices.Contains(o.OneOf, o.Default):
				return fmt.Errorf("option %q: the default %q is not allowed", o.Name, o.Default)
			case o.Short == "" || strings.Contains(o.Short, "\n"):
				return fmt.Errorf("option %q: Short is %q", o.Name, o.Short)
			}
			names, letters = append(names, o.Name), append(letters, o.Letter)
		}
		return nil
	})
}

// plainRequest asks for what every generator can make: something with defaults.
func plainRequest(g cli.GeneratorDefinition) cli.Request {
	req := cli.Request{Name: "create_sample", Options: map[string]string{}, Dir: fstest.MapFS{}}
	for _, o := range g.Options {
		req.Options[o.Name] = o.Default
		switch {
		case o.Bool && o.Default == "":
			req.Options[o.Name] = "false"
		case o.Required && o.OneOf != nil:
			req.Options[o.Name] = o.OneOf[0]
		case o.Required:
			req.Options[o.Name] = "sample"
		}
	}
	return req
}

func checkFiles(ctx context.Context, c cli.Contributor) error {
	return eachGenerator(c, func(g cli.GeneratorDefinition) error {
		if g.Generate == nil {
			return nil // another rule's
		}
		first, err := g.Generate(ctx, plainRequest(g))
		if err != nil {
			return fmt.Errorf("refuses a plain request: %w", err)
		}
		if len(first) == 0 {
			return errors.New("generates no files")
		}
		seen := map[string]bool{}
		for _, f := range first {
			if strings.Contains(f.Path, `\`) || !filepath.IsLocal(filepath.FromSlash(f.Path)) || f.Path == "." || seen[f.Path] {
				return fmt.Errorf("path %q is not local with slashes, or there twice", f.Path)
			}
			seen[f.Path] = true
		}
		again, err := g.Generate(ctx, plainRequest(g))
		same := slices.EqualFunc(first, again, func(a, b cli.File) bool { return a.Path == b.Path && bytes.Equal(a.Data, b.Data) })
		if err != nil || !same {
			return fmt.Errorf("the same request again gives other files, or an error: %v", err)
		}
		return nil
	})
}

func checkDiagnoses(ctx context.Context, c cli.Contributor) error {
	d, ok := c.(cli.DoctorContributor)
	if !ok {
		return nil
	}
	seen := map[string]bool{}
	for _, diag := range d.Diagnoses() {
		if !word.MatchString(diag.Name) || seen[diag.Name] || diag.Run == nil {
			return fmt.Errorf("diagnosis %q: the name is not a lower-case word or taken, or Run is nil", diag.Name)
		}
		seen[diag.Name] = true
		if err := short(diag.Short); err != nil {
			return fmt.Errorf("diagnosis %q: %w", diag.Name, err)
		}
		var found []cli.Finding
		if err := errs.Catch(func() error { found = diag.Run(ctx); return nil }); err != nil {
			return fmt.Errorf("diagnosis %q: %w", diag.Name, err)
		}
		for _, f := range found {
			if f.Problem == "" || strings.Contains(f.Problem+f.Fix, "\n") {
				return fmt.Errorf("diagnosis %q: the finding %q is not one line", diag.Name, f)
			}
		}
	}
	return nil
}
