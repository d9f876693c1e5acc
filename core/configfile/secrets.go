package configfile

import (
	"context"
	"errors"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
)

// vault asks the source for each secret once in a Load.
type vault struct {
	ctx    context.Context // of the Load that made it
	source SecretSource
	known  map[string]revealed
}

type revealed struct {
	text string
	err  error
}

func (v *vault) get(name string) (string, error) {
	r, ok := v.known[name]
	if !ok {
		r.text, r.err = v.ask(name)
		v.known[name] = r
	}
	return r.text, r.err
}

func (v *vault) ask(name string) (text string, err error) {
	switch {
	case name == "":
		return "", errors.New("has a ${secret:} without the name of a secret")
	case v.source == nil:
		return "", &unrevealed{name: name}
	}
	err = errs.Catch(func() error {
		s, err := v.source.Get(v.ctx, name)
		text = s.Reveal()
		return err
	})
	if err != nil {
		return "", &unrevealed{name, err}
	}
	return text, nil
}

// unrevealed is a reference to a secret that cannot be had.
type unrevealed struct {
	name  string
	cause error // nil: there is no source
}

func (u *unrevealed) Error() string {
	switch {
	case u.cause == nil:
		return fmt.Sprintf("needs the secret %q, and no secret store is given", u.name)
	case errs.KindOf(u.cause) == errs.NotFound:
		return fmt.Sprintf("needs the secret %q, which the secret store does not have", u.name)
	}
	return fmt.Sprintf("needs the secret %q, which the secret store does not give: %s", u.name, oneLine(u.cause))
}

// sentinel returns what the KeyError matches: the cause too.
func (u *unrevealed) sentinel() error {
	switch {
	case u.cause == nil:
		return config.ErrValue
	case errs.KindOf(u.cause) == errs.NotFound:
		return config.ErrValue.Wrap(u.cause, "config")
	}
	return config.ErrSource.Wrap(u.cause, "config")
}
