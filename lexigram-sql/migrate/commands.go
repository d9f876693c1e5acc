package migrate

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Commands is what the module adds to the command line of its application: a
// [cli.Contributor], safe for concurrent use. The zero value is ready, and has
// the default configuration.
type Commands struct{ cfg *Config }

var (
	_ cli.CommandContributor   = Commands{}
	_ cli.GeneratorContributor = Commands{}
)

// warned is the exit status of migrate lint that found something.
const warned = 3

// ID returns "migrate".
func (Commands) ID() string { return "migrate" }

// Commands returns migrate status, plan, up, down and lint.
func (c Commands) Commands() []cli.Command {
	up, down := &direction{Commands: c}, &direction{Commands: c}
	all := []cli.Command{
		{
			Path: "migrate status", Short: "List the migrations of every module, applied or pending",
			Long: "List the migrations of every module and whether they were applied. A file that was changed since, that was skipped or that is gone is an error, " +
				"and the list says what to do. Newer are the records of a newer program, or of another one on the same database.",
			Example: "migrate status\nmigrate status --json", Run: c.status,
		},
		{
			Path: "migrate plan", Short: "Print the statements that migrate up would run",
			Example: "migrate plan\nmigrate plan --json", Run: c.plan,
		},
		{
			Path: "migrate up", Short: "Apply the pending migrations of every module",
			Long:    "Apply what is pending, in order, each file in a transaction of its own, while other processes wait. The application does the same when it starts, unless migrate.on_start says otherwise.",
			Example: "migrate up\nmigrate up --dry-run", Flags: up.flags, Run: up.up,
		},
		{
			Path: "migrate down", Args: "SOURCE [VERSION]", Short: "Undo migrations of one module, the newest first",
			Long:    "Undo the migrations of SOURCE that were applied after VERSION, which stays. Without VERSION the newest one is undone; 0 undoes all. What the tables hold is lost as the files of the way back say.",
			Example: "migrate down lexigram-events/outbox\nmigrate down lexigram-events/outbox 3 --dry-run", Flags: down.flags, Run: down.down,
		},
		{
			Path: "migrate lint", Short: "Warn of statements that lock, rewrite or break",
			Long:    "Warn of statements in pending migrations, with --all in every one, that lock a table for long, rewrite it, or take away what a program of the version before uses. A comment -- +lexigram allow RULE before the statement allows it.",
			Example: "migrate lint\nmigrate lint --all --json", Exits: []cli.Exit{{Code: warned, Means: "there are warnings"}},
		},
	}
	lint := &linting{Commands: c}
	all[len(all)-1].Flags, all[len(all)-1].Run = lint.flags, lint.run
	for i := range all {
		all[i].Needs = provider{}.Needs()
	}
	return all
}

// migrator makes a migrator of what an application has.
func (c Commands) migrator(ctx context.Context, r di.Resolver) (*Migrator, error) {
	db, err := di.Get[sqldb.DB](ctx, r)
	if err != nil {
		return nil, err
	}
	sets, err := di.All[sqldb.Migrations](ctx, r)
	if err != nil {
		return nil, err
	}
	return New(db, c.cfg.options(), sets...)
}

type statusList []Status

// String returns a table.
func (l statusList) String() string {
	var rows [][]string
	for _, s := range l {
		at := ""
		if !s.AppliedAt.IsZero() {
			at = s.AppliedAt.Format(time.DateTime)
		}
		rows = append(rows, []string{s.Source, s.Name, string(s.State), at, s.Fix})
	}
	return cli.Table([]string{"SOURCE", "FILE", "STATE", "APPLIED (UTC)", "FIX"}, rows...)
}

func (c Commands) status(ctx context.Context, call *cli.Call) error {
	m, err := c.migrator(ctx, call.Needs)
	if err != nil {
		return err
	}
	records, err := m.Applied(ctx)
	if err != nil {
		return err
	}
	_, err = m.compare(records)
	return errs.Join(call.Print(statusList(m.states(records))), err)
}

// A planned file is one that would be run, or was.
type planned struct {
	Source     string   `json:"source"`
	Name       string   `json:"name"`
	NoTx       bool     `json:"no_transaction,omitempty"`
	Statements []string `json:"statements,omitempty"`
}

type plan struct {
	Pending []planned `json:"pending"`
	nothing string
}

// String returns the statements, as a database reads them.
func (p plan) String() string {
	if len(p.Pending) == 0 {
		return p.nothing
	}
	var b strings.Builder
	for _, f := range p.Pending {
		fmt.Fprintf(&b, "-- %s %s\n", cli.Plain(f.Source), cli.Plain(f.Name))
		if f.NoTx {
			b.WriteString("-- outside a transaction\n")
		}
		for _, s := range f.Statements {
			b.WriteString(s + ";\n")
		}
		if len(f.Statements) == 0 {
			b.WriteString("-- no statements: a function in Go, or an empty file\n")
		}
	}
	return b.String()
}

func (c Commands) plan(ctx context.Context, call *cli.Call) error {
	m, err := c.migrator(ctx, call.Needs)
	if err != nil {
		return err
	}
	pending, err := m.Pending(ctx)
	if err != nil {
		return err
	}
	return call.Print(plan{planOf(pending, true), "nothing is pending"})
}

func planOf(files []Migration, up bool) []planned {
	all := []planned{}
	for _, f := range files {
		a := f.down
		if up {
			a = f.up
		}
		all = append(all, planned{Source: f.Source, Name: a.file, NoTx: a.noTx, Statements: a.texts()})
	}
	return all
}

// A direction is migrate up or migrate down.
type direction struct {
	Commands
	dry bool
}

func (d *direction) flags(fs *flag.FlagSet) {
	fs.BoolVar(&d.dry, "dry-run", false, "print the statements and run nothing")
}

// up tells what was applied before a failure, too.
func (d *direction) up(ctx context.Context, call *cli.Call) error {
	if d.dry {
		return d.Commands.plan(ctx, call)
	}
	m, err := d.migrator(ctx, call.Needs)
	if err != nil {
		return err
	}
	done, err := m.Up(ctx)
	if err != nil && len(done) == 0 {
		return err
	}
	return errs.Join(call.Print(applied{Applied: sourcesOf(done)}), err)
}

func (d *direction) down(ctx context.Context, call *cli.Call) error {
	m, err := d.migrator(ctx, call.Needs)
	if err != nil {
		return err
	}
	source := call.Args[0]
	to, err := m.target(ctx, call.Args)
	if err != nil {
		return err
	}
	if d.dry {
		back, err := m.PlanDown(ctx, source, to)
		if err != nil {
			return err
		}
		return call.Print(plan{planOf(back, false), "nothing is to be undone"})
	}
	done, err := m.Down(ctx, source, to)
	if err != nil && len(done) == 0 {
		return err
	}
	return errs.Join(call.Print(undone{Undone: sourcesOf(done)}), err)
}

// target returns the version that args name, or the last but one.
func (m *Migrator) target(ctx context.Context, args []string) (int64, error) {
	if len(args) > 1 {
		to, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil || to < 0 {
			return 0, cli.ErrUsage.Wrap(fmt.Errorf("%.40q is no version", args[1]), "migrate down")
		}
		return to, nil
	}
	records, err := m.Applied(ctx)
	var last, before int64
	for _, r := range records { // by version
		if r.Source == args[0] {
			before, last = last, r.Version
		}
	}
	return before, err
}

func sourcesOf(files []Migration) []planned {
	all := []planned{}
	for _, f := range files {
		all = append(all, planned{Source: f.Source, Name: f.Name, NoTx: f.NoTx})
	}
	return all
}

type applied struct {
	Applied []planned `json:"applied"`
}

// String returns a line for each file.
func (a applied) String() string { return linesOf("applied", a.Applied, "nothing is pending") }

type undone struct {
	Undone []planned `json:"undone"`
}

// String returns a line for each file.
func (u undone) String() string { return linesOf("undone", u.Undone, "nothing is to be undone") }

func linesOf(verb string, files []planned, nothing string) string {
	if len(files) == 0 {
		return nothing
	}
	var b strings.Builder
	for _, f := range files {
		fmt.Fprintf(&b, "%s %s %s\n", verb, cli.Plain(f.Source), cli.Plain(f.Name))
	}
	return b.String()
}

// A linting is migrate lint.
type linting struct {
	Commands
	all bool
}

func (l *linting) flags(fs *flag.FlagSet) {
	fs.BoolVar(&l.all, "all", false, "look at applied migrations too")
}

type warnings struct {
	Warnings []Warning `json:"warnings"`
}

// String returns a line for each warning.
func (w warnings) String() string {
	if len(w.Warnings) == 0 {
		return "nothing to warn of"
	}
	var b strings.Builder
	for _, one := range w.Warnings {
		b.WriteString(one.String() + "\n")
	}
	return b.String()
}

func (l *linting) run(ctx context.Context, call *cli.Call) error {
	m, err := l.migrator(ctx, call.Needs)
	if err != nil {
		return err
	}
	files := m.files
	if !l.all {
		if files, err = m.Pending(ctx); err != nil {
			return err
		}
	}
	found := lint(m.db.Dialect(), files, m.opts.LockTimeout > 0)
	if err := call.Print(warnings{found}); err != nil || len(found) == 0 {
		return err
	}
	return &cli.ExitError{Code: warned, Err: Err.Wrap(fmt.Errorf("%d warnings", len(found)), "migrate lint")}
}
