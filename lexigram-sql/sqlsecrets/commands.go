package sqlsecrets

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
)

// Commands is what the module adds to the command line of its application: a
// [cli.CommandContributor], safe for concurrent use.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "sqlsecrets".
func (Commands) ID() string { return name }

// Commands returns secrets reseal.
func (Commands) Commands() []cli.Command {
	return []cli.Command{{
		Path: "secrets reseal", Short: "Seal every stored secret with the current key",
		Long: "Seal every version of every secret in the database with the current key, after which former keys may be destroyed. " +
			"What does not open is left as it is, and named in the error. It may be repeated. The table has to be there: migrate up makes it.",
		Example: "secrets reseal\nsecrets reseal --json",
		Needs:   []di.Key{di.KeyOf[*Store]()},
		Run:     reseal,
	}}
}

// A resealed is how many versions were sealed anew.
type resealed struct {
	Versions int `json:"versions"`
}

// String returns one line.
func (r resealed) String() string {
	return fmt.Sprintf("%d versions are sealed with the current key", r.Versions)
}

func reseal(ctx context.Context, call *cli.Call) error {
	s, err := di.Get[*Store](ctx, call.Needs)
	if err != nil {
		return err
	}
	n, err := s.Reseal(ctx)
	if err != nil {
		return err
	}
	return call.Print(resealed{n})
}
