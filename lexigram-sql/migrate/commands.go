package migrate

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready.
type Commands struct{}

var (
	_ cli.CommandContributor   = Commands{}
	_ cli.GeneratorContributor = Commands{}
)

// ID returns "migrate".
func (Commands) ID() string { return "migrate" }

// Commands returns migrate status, up and plan.
func (Commands) Commands() []cli.Command {
	needs := provider{}.Needs()
	return []cli.Command{
		{
			Path: "migrate status", Short: "List the migrations of every module, applied or pending",
			Long: "List the migrations of every module and whether they were applied. A file that was changed since, or that was skipped, is an error. " +
				"Records without a file are those of a newer program, or of another one on the same database.",
			Example: "migrate status\nmigrate status --json", Needs: needs, Run: printStatus,
		},
		{
			Path: "migrate plan", Short: "Print the statements that migrate up would run",
			Example: "migrate plan\nmigrate plan --json", Needs: needs, Run: printPlan,
		},
		{
			Path: "migrate up", Short: "Apply the pending migrations of every module",
			Long:    "Apply what is pending, in order, each file in a transaction of its own. The application does the same when it starts. There is no way back: deploy a new file.",
			Example: "migrate up\nmigrate up --json", Needs: needs, Run: up,
		},
	}
}

// migratorOf makes a migrator of what an application has.
func migratorOf(ctx context.Context, r di.Resolver) (*Migrator, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	sets, err := di.All[sqldb.Migrations](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(db, Options{}, sets...)
}

// A fileStatus is one file, or a record without one.
type fileStatus struct {
	Source    string     `json:"source"`
	Name      string     `json:"name"`
	State     string     `json:"state"` // applied, pending, changed, skipped or unknown
	AppliedAt *time.Time `json:"applied_at,omitempty"`
}

type statusList []fileStatus

// String returns a table.
func (l statusList) String() string {
	var rows [][]string
	for _, s := range l {
		at := ""
		if s.AppliedAt != nil {
			at = s.AppliedAt.Format(time.DateTime)
		}
		rows = append(rows, []string{s.Source, s.Name, s.State, at})
	}
	return cli.Table([]string{"SOURCE", "FILE", "STATE", "APPLIED (UTC)"}, rows...)
}

// status compares every file with its record; the error is that of Pending.
func (m *Migrator) status(ctx context.Context) (statusList, error) {
	records, err := m.Applied(ctx)
	if err != nil {
		return nil, err
	}
	byID, newest := map[id]Record{}, map[string]int64{}
	for _, r := range records {
		byID[id{r.Source, r.Version}] = r
		newest[r.Source] = max(newest[r.Source], r.Version)
	}
	all := statusList{}
	for _, f := range m.files {
		s := fileStatus{Source: f.Source, Name: f.Name, State: "applied"}
		r, ok := byID[id{f.Source, f.Version}]
		switch {
		case !ok && f.Version < newest[f.Source]:
			s.State = "skipped"
		case !ok:
			s.State = "pending"
		case r.Checksum != f.Checksum:
			s.State = "changed"
		}
		if ok {
			s.AppliedAt = &r.AppliedAt
		}
		delete(byID, id{f.Source, f.Version})
		all = append(all, s)
	}
	for _, r := range records {
		if _, left := byID[id{r.Source, r.Version}]; left {
			all = append(all, fileStatus{Source: r.Source, Name: r.Name, State: "unknown", AppliedAt: &r.AppliedAt})
		}
	}
	_, err = m.compare(records)
	return all, err
}

func printStatus(ctx context.Context, call *cli.Call) error {
	m, err := migratorOf(ctx, call.Needs)
	if err != nil {
		return err
	}
	all, err := m.status(ctx)
	if all == nil {
		return err
	}
	return errors.Join(call.Print(all), err)
}

// A planned file is one that Up would apply, or has applied.
type planned struct {
	Source     string   `json:"source"`
	Name       string   `json:"name"`
	Statements []string `json:"statements,omitempty"`
}

type plan struct {
	Pending []planned `json:"pending"`
}

// String returns the statements, as a database reads them.
func (p plan) String() string {
	if len(p.Pending) == 0 {
		return "nothing is pending"
	}
	var b strings.Builder
	for _, f := range p.Pending {
		fmt.Fprintf(&b, "-- %s %s\n", cli.Plain(f.Source), cli.Plain(f.Name))
		for _, s := range f.Statements {
			b.WriteString(s + ";\n")
		}
	}
	return b.String()
}

func printPlan(ctx context.Context, call *cli.Call) error {
	m, err := migratorOf(ctx, call.Needs)
	if err != nil {
		return err
	}
	pending, err := m.Pending(ctx)
	if err != nil {
		return err
	}
	return call.Print(plan{plannedOf(pending, true)})
}

func plannedOf(files []Migration, statements bool) []planned {
	all := []planned{}
	for _, f := range files {
		p := planned{Source: f.Source, Name: f.Name}
		if statements {
			p.Statements = f.statements
		}
		all = append(all, p)
	}
	return all
}

type applied struct {
	Applied []planned `json:"applied"`
}

// String returns a line for each file.
func (a applied) String() string {
	if len(a.Applied) == 0 {
		return "nothing is pending"
	}
	var b strings.Builder
	for _, f := range a.Applied {
		fmt.Fprintf(&b, "applied %s %s\n", cli.Plain(f.Source), cli.Plain(f.Name))
	}
	return b.String()
}

// up tells what was applied before a failure, too.
func up(ctx context.Context, call *cli.Call) error {
	m, err := migratorOf(ctx, call.Needs)
	if err != nil {
		return err
	}
	done, err := m.Up(ctx)
	if err != nil && len(done) == 0 {
		return err
	}
	return errors.Join(call.Print(applied{plannedOf(done, false)}), err)
}
