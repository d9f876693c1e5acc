package flags

import (
	"context"
	"os"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
)

// DefaultPrefix begins the names of the variables that an [Environment] reads.
const DefaultPrefix = "LEX_FLAG_"

// EnvironmentOptions are those of [NewEnvironment]. The zero value reads LEX_FLAG_*.
type EnvironmentOptions struct {
	Prefix  string   `config:"prefix"` // of the variables' names; "" means [DefaultPrefix]
	Environ []string `config:"-"`      // "NAME=value"; nil means [os.Environ]
}

// Environment is a [features.Provider] of the variables that the process was started with:
// "new-checkout" is LEX_FLAG_NEW_CHECKOUT, and its text is what [Parse] takes. Letters
// become capitals, "-" and "." become "_". It is safe for concurrent use; the zero
// value has no flags.
type Environment struct {
	prefix string
	flags  map[string]Flag // by variable
}

var _ features.Provider = (*Environment)(nil)

// NewEnvironment returns a provider of the variables as they are now, or an error wrapping
// [features.Err] that names every variable that [Parse] refuses.
func NewEnvironment(opts EnvironmentOptions) (*Environment, error) {
	e := &Environment{opts.Prefix, map[string]Flag{}}
	if e.prefix == "" {
		e.prefix = DefaultPrefix
	}
	environ := opts.Environ
	if environ == nil {
		environ = os.Environ()
	}
	var v errs.ValidationError
	for _, entry := range slices.Sorted(slices.Values(environ)) {
		name, text, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, e.prefix) || name == e.prefix {
			continue
		}
		f, err := Parse(strings.ToLower(strings.TrimPrefix(name, e.prefix)), text)
		if err != nil {
			v.Add(name, "is not a flag: "+err.Error(), "")
			continue
		}
		e.flags[strings.ToUpper(name)] = f
	}
	if err := v.Err(); err != nil {
		return nil, features.Err.Wrap(err, "flags: environment")
	}
	return e, nil
}

var separators = strings.NewReplacer("-", "_", ".", "_") // immutable

// Variable returns the name of the variable that defines a flag.
func (e *Environment) Variable(key string) string {
	return strings.ToUpper(e.prefix + separators.Replace(key))
}

// Flag evaluates a flag; see [features.Provider].
func (e *Environment) Flag(ctx context.Context, key string, s features.Subject) (features.Evaluation, error) {
	if err := begin(ctx, key); err != nil {
		return features.Evaluation{}, err
	}
	f, ok := e.flags[e.Variable(key)]
	if !ok {
		return features.Evaluation{}, notFound(key)
	}
	f.Key = key // as it is asked for, so that the bucket is that of the other providers
	return f.evaluate(s), nil
}
