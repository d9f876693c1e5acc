package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/cli"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// A Warning is a statement that works, and may hurt an application that runs
// meanwhile, or one of the version before.
type Warning struct {
	Source  string `json:"source"`
	Name    string `json:"name"` // of the file
	Line    int    `json:"line"` // where the statement begins, from 1
	Rule    string `json:"rule"`
	Problem string `json:"problem"`
	Fix     string `json:"fix"`
}

// String returns one line.
func (w Warning) String() string {
	return fmt.Sprintf("%s %s:%d: %s: %s (%s)", cli.Plain(w.Source), cli.Plain(w.Name), w.Line, w.Rule, cli.Plain(w.Problem), w.Fix)
}

// Lint looks for statements of the way forth that lock a table for long, rewrite
// it, or take away what a program of the version before still uses. What a file
// does to a table that it makes itself is never wrong. A comment on a line of
// its own before the statement, or in it, allows a rule:
//
//	-- +lexigram allow drop-column
//
// The rules, those on Postgres first: blocking-index, index-in-transaction,
// invalid-index, no-lock-timeout, rewrite, scan, and, whatever the dialect,
// not-null, drop-column, drop-table, rename. The error is that of [New].
func Lint(d sqldb.Dialect, sets ...sqldb.Migrations) ([]Warning, error) {
	if err := checkDialect(d); err != nil {
		return nil, err
	}
	files, err := read(d, sets)
	if err != nil {
		return nil, err
	}
	return lint(d, files, false), nil
}

// lint looks at the files; bounded says that their lock_timeout is set elsewhere.
func lint(d sqldb.Dialect, files []Migration, bounded bool) []Warning {
	all := []Warning{}
	for _, f := range files {
		l := linter{file: f, made: map[string]bool{}, dropped: map[string]bool{}, bounded: bounded}
		for _, s := range f.up.statements {
			all = append(all, l.statement(d, s)...)
		}
	}
	return all
}

// A linter is what is known of a file so far.
type linter struct {
	file    Migration
	made    map[string]bool // tables and indexes
	dropped map[string]bool // indexes
	bounded bool            // lock_timeout is set, or the lack of it was told
}

// A finding is a rule that a statement breaks, and how.
type finding struct{ rule, problem string }

// A rule is the advice for what breaks it.
type rule struct{ id, fix string }

// Rules, in the order of their documentation.
const (
	blockingIndex      = "blocking-index"
	indexInTransaction = "index-in-transaction"
	invalidIndex       = "invalid-index"
	noLockTimeout      = "no-lock-timeout"
	rewrite            = "rewrite"
	scan               = "scan"
	notNull            = "not-null"
	dropColumn         = "drop-column"
	dropTable          = "drop-table"
	rename             = "rename"
)

var rules = [...]rule{
	{blockingIndex, "use CONCURRENTLY, in a file of its own with -- +lexigram no-transaction"},
	{indexInTransaction, "give it a file of its own with -- +lexigram no-transaction"},
	{invalidIndex, "put DROP INDEX CONCURRENTLY IF EXISTS before it: a build that failed leaves an invalid index"},
	{noLockTimeout, "SET LOCAL lock_timeout = '5s' before it, or set Options.LockTimeout: who waits for the lock holds up all others"},
	{rewrite, "add a new column, fill it in batches, and use it instead"},
	{scan, "add it NOT VALID, and VALIDATE CONSTRAINT in a later file; for a key, USING INDEX of one built CONCURRENTLY"},
	{notNull, "give it a constant DEFAULT, or add it without NOT NULL and fill it"},
	{dropColumn, "deploy a program that does not use it before, then allow it"},
	{dropTable, "deploy a program that does not use it before, then allow it"},
	{rename, "add the new name beside the old one until no program uses that"},
}

func ruleIDs() []string {
	var all []string
	for _, r := range rules {
		all = append(all, r.id)
	}
	return all
}

// statement returns what is wrong with s, and remembers what it makes.
func (l *linter) statement(d sqldb.Dialect, s statement) []Warning {
	words := clauseOf(s.text, d)
	found := l.common(words)
	if d == sqldb.Postgres {
		found = append(found, l.postgres(words)...)
	}
	l.remember(words)
	var all []Warning
	for _, f := range found {
		if slices.Contains(s.allow, f.rule) {
			continue
		}
		l.bounded = l.bounded || f.rule == noLockTimeout
		w := Warning{Source: l.file.Source, Name: l.file.Name, Line: s.line, Rule: f.rule, Problem: f.problem}
		w.Fix = rules[slices.IndexFunc(rules[:], func(r rule) bool { return r.id == f.rule })].fix
		all = append(all, w)
	}
	return all
}

// remember keeps what statements after this one profit from.
func (l *linter) remember(c clause) {
	if rest, ok := c.creates("TABLE"); ok {
		l.made[rest.name()] = true
	}
	if rest, ok := c.creates("INDEX"); ok {
		l.made[rest.name()] = true
	}
	if c.is("DROP", "INDEX") && c.has("IF", "EXISTS") {
		rest, _ := c.after("INDEX")
		l.dropped[rest.name()] = true
	}
	if c.is("SET") && c.has("LOCK_TIMEOUT") || c.is("SELECT", "SET_CONFIG", "(", "'lock_timeout'") {
		l.bounded = true
	}
}

// common are the rules of every dialect.
func (l *linter) common(c clause) []finding {
	var all []finding
	if c.is("DROP", "TABLE") {
		rest, _ := c.after("TABLE")
		if !l.made[rest.name()] {
			all = append(all, finding{dropTable, "DROP TABLE " + rest.name() + " takes away what the program of before uses"})
		}
	}
	if !c.is("ALTER", "TABLE") {
		return all
	}
	rest, _ := c.after("TABLE")
	table, actions := rest.name(), rest.actions()
	if l.made[table] {
		return all
	}
	for _, a := range actions {
		switch {
		case a.is("RENAME"):
			all = append(all, finding{rename, "RENAME in " + table + " breaks the program of before"})
		case a.is("DROP") && !a.is("DROP", "CONSTRAINT"):
			rest := a.skip("DROP").skip("COLUMN")
			all = append(all, finding{dropColumn, "DROP COLUMN " + rest.name() + " of " + table + " takes away what the program of before uses"})
		case a.addsColumn() && a.has("NOT", "NULL") && !a.has("DEFAULT") && !a.has("GENERATED") && !a.serial():
			all = append(all, finding{notNull, "ADD COLUMN " + a.skip("ADD").skip("COLUMN").name() + " NOT NULL without a DEFAULT fails if " + table + " has rows"})
		}
	}
	return all
}

// postgres are the rules of locks and rewrites.
func (l *linter) postgres(c clause) []finding {
	all := l.indexes(c)
	table, altered := l.altered(c)
	if altered && !l.bounded && !l.file.NoTx {
		all = append(all, finding{noLockTimeout, strings.ToUpper(strings.Join(c.first(2), " ")) + " waits for the lock on " + table + " without an end"})
	}
	if c.is("CLUSTER") || c.is("VACUUM") && c.has("FULL") {
		all = append(all, finding{rewrite, c[0].text + " rewrites the table while nobody may use it"})
	}
	if !altered || !c.is("ALTER", "TABLE") {
		return all
	}
	rest, _ := c.after("TABLE")
	for _, a := range rest.actions() {
		if problem := a.rewrites(); problem != "" {
			all = append(all, finding{rewrite, problem + " rewrites " + table + " while nobody may use it"})
		}
		if problem := a.scans(); problem != "" {
			all = append(all, finding{scan, problem + " reads all of " + table + " while nobody may write it"})
		}
	}
	return all
}

// altered returns the table that c locks, if the file has not made it.
func (l *linter) altered(c clause) (table string, ok bool) {
	rest := c
	switch {
	case c.is("ALTER", "TABLE"), c.is("DROP", "TABLE"), c.is("LOCK", "TABLE"):
		rest, _ = c.after("TABLE")
	case c.is("TRUNCATE"), c.is("LOCK"):
		rest = c[1:].skip("TABLE")
	case c.creating("TRIGGER"), c.creating("INDEX") && !c.has("CONCURRENTLY"), c.is("DROP", "TRIGGER"):
		rest, _ = c.after("ON")
	case c.is("DROP", "INDEX") && !c.has("CONCURRENTLY"):
		rest, _ = c.after("INDEX")
	default:
		return "", false
	}
	table = rest.name()
	return table, !l.made[table]
}

func (l *linter) indexes(c clause) []finding {
	var all []finding
	concurrently := c.has("CONCURRENTLY") && (c.creating("INDEX") || c.is("DROP") || c.is("REINDEX"))
	if concurrently && !l.file.NoTx || (c.is("VACUUM") || c.is("CREATE", "DATABASE") || c.is("DROP", "DATABASE") || c.is("ALTER", "SYSTEM")) && !l.file.NoTx {
		all = append(all, finding{indexInTransaction, strings.Join(c.first(2), " ") + " does not run in a transaction"})
	}
	table, altered := l.altered(c)
	switch {
	case c.creating("INDEX") && altered:
		all = append(all, finding{blockingIndex, "CREATE INDEX keeps everybody from writing " + table + " until it is built"})
	case c.is("DROP", "INDEX") && altered:
		all = append(all, finding{blockingIndex, "DROP INDEX " + table + " keeps everybody from its table while it waits"})
	case concurrently && c.is("CREATE"):
		rest, _ := c.after("CONCURRENTLY")
		if name := rest.name(); !l.dropped[name] {
			all = append(all, finding{invalidIndex, "CREATE INDEX CONCURRENTLY " + name + " fails if a build before it failed, or takes what that left"})
		}
	}
	return all
}
