package main

import (
	"context"
	"errors"
)

// vet runs go vet on the workspace and on each module outside it.
func vet(ctx context.Context, e *env) error {
	_, err := e.work(ctx, "vet", "work")
	for _, m := range e.tree.Outside() {
		_, oerr := e.alone(ctx, e.dir(m), nil, "vet", "./...")
		err = errors.Join(err, oerr)
	}
	return err
}
