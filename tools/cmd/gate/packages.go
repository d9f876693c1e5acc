package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// A pkg is what go list says of a package.
type pkg struct {
	ImportPath, Name                   string
	Standard                           bool
	Module                             *struct{ Path string }
	Imports, TestImports, XTestImports []string
}

// packages lists the packages of every module, broken ones too: the gate vet
// is the one to speak of those.
func (e *env) packages(ctx context.Context) ([]pkg, error) {
	out, err := e.work(ctx, "list", "-e", "-json", "work")
	if err != nil {
		return nil, err
	}
	all, err := decode(out)
	for _, m := range e.tree.Outside() {
		if err != nil {
			return nil, err
		}
		var ps []pkg
		if out, err = e.alone(ctx, e.dir(m), nil, "list", "-e", "-json", "./..."); err == nil {
			ps, err = decode(out)
		}
		all = append(all, ps...)
	}
	if err == nil && len(all) == 0 {
		err = errors.New("go list finds no packages")
	}
	return all, err
}

// decode reads a stream of JSON objects.
func decode(out string) ([]pkg, error) {
	var ps []pkg
	for dec := json.NewDecoder(strings.NewReader(out)); ; {
		var p pkg
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return ps, nil
		case err != nil:
			return nil, err
		}
		ps = append(ps, p)
	}
}
