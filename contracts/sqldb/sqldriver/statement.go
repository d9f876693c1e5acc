package sqldriver

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqllex"
)

// control are the first words of statements that would end a transaction
// behind InTx's back, or leave one open on a pooled connection.
var control = [...]string{"BEGIN", "START", "COMMIT", "END", "ROLLBACK", "ABORT", "SAVEPOINT", "RELEASE"}

// Check refuses statements that begin or end transactions, and, unless ctx is
// in Pinned, those that change their connection for the ones after them; for
// what a backend runs by [DB.Hold]. [DB] does so before it passes a statement
// on. A function that changes the connection, such as set_config, is not seen.
func (db *DB) Check(ctx context.Context, sql string) error {
	d := db.driver.Dialect()
	lex := sqllex.New(sql, d)
	t := next(&lex)
	for t.Text == ";" {
		t = next(&lex)
	}
	if t.Kind != sqllex.Word || slices.ContainsFunc(harmless[:], t.Is) {
		return nil
	}
	for _, word := range control {
		if t.Is(word) {
			return refuse(word, "InTx")
		}
	}
	if t.Is("CREATE") && temporary(lex) && !db.pinned(ctx) {
		return refuse("CREATE TEMPORARY, which outlives it and hides what has the same name,", "ON COMMIT DROP, or Pinned")
	}
	if d == sqldb.SQLite {
		return db.checkSQLite(ctx, t, lex)
	}
	return db.checkPostgres(ctx, t, lex)
}

// harmless are the first words of most statements.
var harmless = [...]string{"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"}

// next returns the next token that is not blank, or one without text.
func next(lex *sqllex.Lexer) sqllex.Token {
	for {
		if t, ok := lex.Next(); !ok || !t.Blank() {
			return t
		}
	}
}

// temporary reports whether CREATE makes what its connection alone has, for
// longer than a transaction.
func temporary(lex sqllex.Lexer) bool {
	t := next(&lex)
	for t.Is("OR") || t.Is("REPLACE") || t.Is("GLOBAL") || t.Is("LOCAL") {
		t = next(&lex)
	}
	if !t.Is("TEMP") && !t.Is("TEMPORARY") {
		return false
	}
	var on, commit sqllex.Token
	for t = next(&lex); t.Text != ""; t = next(&lex) {
		if on.Is("ON") && commit.Is("COMMIT") && t.Is("DROP") {
			return false
		}
		on, commit = commit, t
	}
	return true
}

// session are the first words of PostgreSQL's statements that change their connection.
var session = [...]string{"SET", "RESET", "DISCARD", "LISTEN", "UNLISTEN", "LOAD", "PREPARE", "DEALLOCATE"}

// local are the words after SET that make it one of the transaction.
var local = [...]string{"LOCAL", "TRANSACTION", "CONSTRAINTS"}

func (db *DB) checkPostgres(ctx context.Context, t sqllex.Token, lex sqllex.Lexer) error {
	i := slices.IndexFunc(session[:], t.Is)
	if i < 0 {
		return nil
	}
	after := next(&lex)
	switch word := session[i]; {
	case word == "PREPARE" && after.Is("TRANSACTION"): // the first phase of two: it ends the transaction too
		return refuse("PREPARE TRANSACTION", "InTx")
	case db.pinned(ctx):
		return nil
	case word == "SET" && slices.ContainsFunc(local[:], after.Is) && next(&lex).Text != ".": // or it sets local.x
		return nil
	case word == "SET":
		return refuse("SET, which outlives it,", "SET LOCAL in InTx, WithSettings, or Pinned")
	case word == "LISTEN":
		return refuse(word, "Listen of the database, or Pinned")
	default:
		return refuse(word+", which outlives it,", "Pinned")
	}
}

func (db *DB) checkSQLite(ctx context.Context, t sqllex.Token, lex sqllex.Lexer) error {
	for t.Is("EXPLAIN") || t.Is("QUERY") || t.Is("PLAN") { // a PRAGMA that sets does so even then
		t = next(&lex)
	}
	switch {
	case t.Is("ATTACH"), t.Is("DETACH"):
		if db.pinned(ctx) {
			return nil
		}
		return refuse(strings.ToUpper(t.Text)+", which outlives it,", "Pinned")
	case !t.Is("PRAGMA"):
		return nil
	}
	name, sets := pragma(&lex)
	switch {
	case name == "query_only": // what keeps a reader from writing
		return refuse("PRAGMA query_only", "InTx with sqldb.ReadOnly")
	case !sets, slices.Contains(ofFile[:], name), db.pinned(ctx):
		return nil
	case name == "defer_foreign_keys" && db.ambient(ctx) != nil: // until it commits
		return nil
	}
	return refuse("PRAGMA "+name+", which outlives it,", "Pinned")
}

// ofFile are the PRAGMAs whose argument sets what the file keeps, or is what they ask about.
var ofFile = [...]string{
	"application_id", "auto_vacuum", "encoding", "foreign_key_check", "foreign_key_list", "incremental_vacuum", "index_info", "index_list",
	"index_xinfo", "integrity_check", "optimize", "page_size", "quick_check", "schema_version", "table_info", "table_list", "table_xinfo",
	"user_version", "wal_checkpoint",
}

// pragma returns the name of what follows PRAGMA, in lower case, and whether it has an argument.
func pragma(lex *sqllex.Lexer) (name string, sets bool) {
	t := next(lex)
	after := next(lex)
	if after.Text == "." {
		t = next(lex)
		after = next(lex)
	}
	return strings.ToLower(strings.Trim(t.Text, "\"'`[]")), after.Text == "=" || after.Text == "("
}

// pinned reports whether ctx is in Pinned, in a transaction of it or not.
func (db *DB) pinned(ctx context.Context) bool {
	f := db.ambient(ctx)
	return f != nil && f.tx.pinned
}

func refuse(statement, instead string) error {
	return sqldb.Err.Wrap(errors.ErrUnsupported, "sql: %s is not a statement for Query or Exec: use %s", statement, instead)
}
