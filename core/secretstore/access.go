package secretstore

import (
	"context"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// errLevel reports a name that a directory cannot have beside another one.
var errLevel = errs.New("LEX_ERR_SEC_011", errs.Conflict, `another secret is a level of this one or below it, as "a" is of "a/b": choose another name`)

// begin refuses what no method may begin with.
func begin(ctx context.Context, op, name string) error {
	if err := security.CheckSecretName(name); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return failed(op, name, context.Cause(ctx))
	}
	return nil
}

func failed(op, name string, cause error) error {
	return &security.SecretAccessError{Name: name, Op: op, Cause: cause}
}

func notFound(name string) error {
	return security.ErrSecretNotFound.Wrap(nil, "secretstore: secret %.80q", name)
}

// many is the GetMany of a store that reads one after another.
func many(ctx context.Context, s security.SecretStore, names []string) (map[string]config.Secret[string], error) {
	return security.GetMany(ctx, struct{ security.SecretStore }{s}, names) // which hides the store's own GetMany
}
