package sqltenants

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var _ cli.CommandContributor = Commands{}

// ID returns "tenants".
func (Commands) ID() string { return "tenants" }

// Commands returns tenants list and tenants set-status.
func (Commands) Commands() []cli.Command {
	status := ""
	needs := []di.Key{di.KeyOf[tenancy.Directory]()}
	return []cli.Command{
		{
			Path: "tenants list", Short: "List the tenants", Long: "List the tenants by slug. Their table has to be there: migrate up makes it.",
			Example: "tenants list\ntenants list --status suspended --json", Needs: needs,
			Flags: func(fs *flag.FlagSet) {
				fs.StringVar(&status, "status", "", "only those of this `STATUS`: provisioning, active, inactive or suspended")
			},
			Run: func(ctx context.Context, call *cli.Call) error { return list(ctx, call, tenancy.Status(status)) },
		},
		{
			Path: "tenants set-status", Args: "TENANT STATUS", Short: "Change the status of a tenant",
			Long:    "Change the status of a tenant, named by ID or slug: provisioning, active, inactive or suspended. Only active ones may work.",
			Example: "tenants set-status acme suspended\ntenants set-status acme active", Needs: needs, Run: setStatus,
		},
	}
}

// A row is a tenant as it is shown. Its metadata is not: it may hold anything.
type row struct {
	ID      tenancy.ID     `json:"id"`
	Slug    string         `json:"slug"`
	Name    string         `json:"name"`
	Status  tenancy.Status `json:"status"`
	Created time.Time      `json:"created_at"`
}

func rowOf(t tenancy.Info) row { return row{t.ID, t.Slug, t.Name, t.Status, t.Created.UTC()} }

type table []row

// String returns a table.
func (all table) String() string {
	var rows [][]string
	for _, r := range all {
		rows = append(rows, []string{r.Slug, string(r.Status), r.Name, string(r.ID), r.Created.Format(time.DateTime)})
	}
	return cli.Table([]string{"TENANT", "STATUS", "NAME", "ID", "CREATED (UTC)"}, rows...)
}

func list(ctx context.Context, call *cli.Call, only tenancy.Status) error {
	if only != "" {
		if err := tenancy.CheckStatus(only); err != nil {
			return cli.ErrUsage.Wrap(err, "tenants list: --status")
		}
	}
	dir, err := di.Get[tenancy.Directory](ctx, call.Needs)
	if err != nil {
		return err
	}
	all := table{}
	for t, err := range dir.List(ctx) {
		if err != nil {
			return err
		}
		if only == "" || t.Status == only {
			all = append(all, rowOf(t))
		}
	}
	return call.Print(all)
}

// String returns one line.
func (r row) String() string {
	return fmt.Sprintf("%s is %s", cli.Plain(r.Slug), cli.Plain(string(r.Status)))
}

func setStatus(ctx context.Context, call *cli.Call) error {
	status := tenancy.Status(call.Args[1])
	if err := tenancy.CheckStatus(status); err != nil {
		return cli.ErrUsage.Wrap(err, "tenants set-status")
	}
	dir, err := di.Get[tenancy.Directory](ctx, call.Needs)
	if err != nil {
		return err
	}
	t, err := dir.Find(ctx, tenancy.Ref{Slug: call.Args[0]})
	if errors.Is(err, tenancy.ErrNotFound) {
		t, err = dir.Find(ctx, tenancy.Ref{ID: tenancy.ID(call.Args[0])})
	}
	if err != nil {
		return err
	}
	if err := dir.SetStatus(ctx, t.ID, status); err != nil {
		return err
	}
	t.Status = status
	return call.Print(rowOf(t))
}
