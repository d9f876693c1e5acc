package secretstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// errEnvironment is why Set and Delete do nothing.
var errEnvironment = fmt.Errorf("the environment is read-only: %w", errors.ErrUnsupported)

// DefaultPrefix begins the names of the variables that an [Environment] reads.
const DefaultPrefix = "SECRET_"

// EnvironmentOptions are those of [NewEnvironment]. The zero value reads SECRET_* and
// leaves them where they are.
type EnvironmentOptions struct {
	// Prefix begins the name of each variable; "" means [DefaultPrefix].
	Prefix string `config:"prefix"`
	// Unset removes the variables from this process once they are read, so that its
	// children and its dumps do not have them. Linux shows them in /proc all the same.
	Unset bool `config:"unset"`
	// Environ is the environment as "NAME=value"; nil means [os.Environ].
	Environ []string `config:"-"`
}

// Validate returns an [errs.ValidationError] if the prefix is none.
func (o EnvironmentOptions) Validate() error {
	var v errs.ValidationError
	if strings.Trim(o.Prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") != "" {
		v.Add("prefix", "must be made of letters, digits and _", "")
	}
	if o.Unset && o.Environ != nil {
		v.Add("unset", "removes variables of the process; leave out Environ", "CONFLICT")
	}
	return v.Err()
}

// Environment is a [security.SecretStore] of the variables that the process was
// started with: "database/password" is SECRET_DATABASE__PASSWORD. Letters become
// capitals, "/" becomes "__", "-" and "." become "_": names that differ in
// nothing else are one secret. Set and Delete are [errors.ErrUnsupported]. It is safe
// for concurrent use; the zero value is empty.
type Environment struct {
	prefix string
	values map[string]config.Secret[string]
}

var (
	_ security.SecretFinder  = (*Environment)(nil)
	_ security.SecretBatcher = (*Environment)(nil)
)

// NewEnvironment returns a store of the variables as they are now. Options that are not
// valid are an error wrapping [security.Err].
func NewEnvironment(opts EnvironmentOptions) (*Environment, error) {
	if err := opts.Validate(); err != nil {
		return nil, security.Err.Wrap(err, "secretstore: environment")
	}
	e := &Environment{opts.Prefix, map[string]config.Secret[string]{}}
	if e.prefix == "" {
		e.prefix = DefaultPrefix
	}
	environ := opts.Environ
	if environ == nil {
		environ = os.Environ()
	}
	for _, entry := range environ {
		name, value, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, e.prefix) || name == e.prefix {
			continue
		}
		e.values[strings.ToUpper(name)] = config.NewSecret(value)
		if opts.Unset {
			if err := os.Unsetenv(name); err != nil {
				return nil, security.Err.Wrap(err, "secretstore: environment: unset %s", name)
			}
		}
	}
	return e, nil
}

// Variable returns the name of the variable that holds a secret.
func (e *Environment) Variable(name string) string {
	return strings.ToUpper(e.prefix + separators.Replace(name))
}

var separators = strings.NewReplacer("/", "__", "-", "_", ".", "_") // immutable

// Get returns the value of the secret's variable; see [security.SecretStore].
func (e *Environment) Get(ctx context.Context, name string) (config.Secret[string], error) {
	if err := begin(ctx, "get", name); err != nil {
		return config.Secret[string]{}, err
	}
	value, ok := e.values[e.Variable(name)]
	if !ok {
		return config.Secret[string]{}, security.ErrSecretNotFound.Wrap(nil, "secretstore: secret %.80q (environment variable %.80s)", name, e.Variable(name))
	}
	return value, nil
}

// Has reports whether the secret's variable is set; see [security.SecretFinder].
func (e *Environment) Has(ctx context.Context, name string) (bool, error) {
	if err := begin(ctx, "has", name); err != nil {
		return false, err
	}
	_, ok := e.values[e.Variable(name)]
	return ok, nil
}

// GetMany returns the secrets whose variables are set; see [security.SecretBatcher].
func (e *Environment) GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error) {
	return many(ctx, e, names)
}

// Set returns an error wrapping [errors.ErrUnsupported].
func (e *Environment) Set(ctx context.Context, name string, _ config.Secret[string]) error {
	return e.refuse(ctx, "set", name)
}

// Delete returns an error wrapping [errors.ErrUnsupported].
func (e *Environment) Delete(ctx context.Context, name string) error {
	return e.refuse(ctx, "delete", name)
}

func (e *Environment) refuse(ctx context.Context, op, name string) error {
	if err := begin(ctx, op, name); err != nil {
		return err
	}
	return failed(op, name, errEnvironment)
}
