package postgres

import (
	"context"
	"errors"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// few is how many rows are sent as arrays, in one statement. More go through
// COPY into a temporary table, which has to be made first.
const few = 10_000

// Upsert implements [sqldb.BulkWriter]. It holds up to 10,000 rows in memory;
// of more than that none. The user may make temporary tables.
func (db *DB) Upsert(ctx context.Context, table string, columns, key []string, rows iter.Seq2[[]any, error]) (n int64, err error) {
	if err := sqldb.CheckUpsert(table, columns, key); err != nil {
		return 0, err
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	b := newBulk(table, columns, key, next)
	all, err := b.gather()
	if err != nil || b.count == 0 {
		return 0, err
	}
	err = db.InTx(ctx, func(ctx context.Context) error {
		h, err := db.Hold(ctx)
		if err != nil {
			return err
		}
		n, err = b.write(ctx, sessionOf(h.Conn), all)
		h.Release(err)
		return err
	}, sqldb.WithPropagation(sqldb.Join), sqldb.MaxAttempts(1))
	if err != nil {
		return 0, err
	}
	return n, nil
}

// sessionOf returns the session that a transaction or a pin is.
func sessionOf(c sqldriver.Conn) *session {
	switch c := c.(type) {
	case *tx:
		return &c.session
	case *pin:
		return &c.session
	}
	return nil
}

// A bulk is one Upsert.
type bulk struct {
	table        string
	columns, key []string
	next         func() ([]any, error, bool)

	cells [][]cell // by column: the rows that were gathered
	count int
}

// A cell is a value as text; valid is false for NULL.
type cell = struct {
	text  string
	valid bool
}

func newBulk(table string, columns, key []string, next func() ([]any, error, bool)) *bulk {
	return &bulk{table: table, columns: columns, key: key, next: next, cells: make([][]cell, len(columns))}
}

// gather takes rows until there are none, which it reports, or they are many.
func (b *bulk) gather() (all bool, err error) {
	for b.count < few {
		row, err, ok := b.row()
		if err != nil || !ok {
			return err == nil, err
		}
		for i, v := range row {
			text, valid := textOf(v)
			b.cells[i] = append(b.cells[i], cell{text, valid})
		}
		b.count++
	}
	return false, nil
}

// row returns the next one, its values as a driver gets them.
func (b *bulk) row() (row []any, err error, ok bool) { //nolint:revive // the order of iter.Pull2
	row, err, ok = b.next()
	if err != nil || !ok {
		return nil, err, ok
	}
	if len(row) != len(b.columns) {
		return nil, sqldb.ErrArgument.Wrap(nil, "postgres: upsert into %q: a row of %d values for %d columns", b.table, len(row), len(b.columns)), false
	}
	row, err = sqldriver.Args(row)
	return row, err, err == nil
}

func (b *bulk) write(ctx context.Context, s *session, all bool) (int64, error) {
	if !all {
		return b.copy(ctx, s)
	}
	return b.unnest(ctx, s)
}

// unnest sends the rows as one array for each column, in the text that the
// type of the column reads.
func (b *bulk) unnest(ctx context.Context, s *session) (int64, error) {
	types, err := b.types(ctx, s)
	if err != nil {
		return 0, err
	}
	var list, from strings.Builder
	args := make([]any, len(b.columns))
	for i := range b.columns {
		if i > 0 {
			list.WriteByte(',')
			from.WriteByte(',')
		}
		c := "c" + strconv.Itoa(i)
		list.WriteString("CAST(" + c + " AS " + types[i] + ")")
		from.WriteString("CAST($" + strconv.Itoa(i+1) + " AS text[])")
		args[i] = cells(b.cells[i])
	}
	names := make([]string, len(b.columns))
	for i := range names {
		names[i] = "c" + strconv.Itoa(i)
	}
	sql := "INSERT INTO " + sqldb.QuoteName(b.table) + " (" + quoteAll(b.columns) + ") SELECT " + list.String() +
		" FROM unnest(" + from.String() + ") AS rows(" + strings.Join(names, ",") + ")" + sqldb.OnConflict(b.columns, b.key)
	n, err := s.exec(ctx, nil, sql, args)
	return n, wrap(ctx, s.stale(err), "upsert")
}

// types returns those of the columns. A length or precision is left out: the
// table has it.
func (b *bulk) types(ctx context.Context, s *session) ([]string, error) {
	const sql = `SELECT format_type(a.atttypid, NULL) FROM unnest(CAST($2 AS text[])) WITH ORDINALITY AS c(name, n)
		JOIN pg_attribute a ON a.attname = c.name AND a.attrelid = CAST(CAST($1 AS text) AS regclass) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.n`
	rows, err := s.conn.Query(ctx, sql, sqldb.QuoteName(b.table), b.columns)
	if err != nil {
		return nil, wrap(ctx, err, "upsert")
	}
	types, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err == nil && len(types) != len(b.columns) {
		err = errors.New("the table lacks some of the columns")
	}
	return types, wrap(ctx, err, "upsert")
}

// temporary is the table that COPY fills. It goes with the transaction, and
// before it if there is another Upsert.
const temporary = `"lexigram_upsert"`

func (b *bulk) copy(ctx context.Context, s *session) (int64, error) {
	s.foreign()
	target, columns := sqldb.QuoteName(b.table), quoteAll(b.columns)
	for _, sql := range []string{
		"DROP TABLE IF EXISTS pg_temp." + temporary,
		"CREATE TEMPORARY TABLE " + temporary + " ON COMMIT DROP AS SELECT " + columns + " FROM " + target + " WITH NO DATA",
	} {
		if _, err := s.conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol); err != nil {
			return 0, wrap(ctx, err, "upsert")
		}
	}
	r := &copyReader{bulk: b}
	_, err := s.conn.Conn().PgConn().CopyFrom(ctx, r, "COPY pg_temp."+temporary+" ("+columns+") FROM STDIN")
	if r.err != nil {
		return 0, r.err
	}
	if err != nil {
		return 0, wrap(ctx, err, "upsert")
	}
	sql := "INSERT INTO " + target + " (" + columns + ") SELECT " + columns + " FROM pg_temp." + temporary + sqldb.OnConflict(b.columns, b.key)
	tag, err := s.conn.Exec(ctx, sql, pgx.QueryExecModeExec)
	if err != nil {
		return 0, wrap(ctx, err, "upsert")
	}
	if _, err := s.conn.Exec(ctx, "DROP TABLE pg_temp."+temporary, pgx.QueryExecModeSimpleProtocol); err != nil {
		return 0, wrap(ctx, err, "upsert")
	}
	return affected(tag), nil
}

// A copyReader writes rows in COPY's format of text.
type copyReader struct {
	bulk *bulk
	at   int // of the gathered rows
	buf  []byte
	rest []byte // of buf, not read yet
	err  error  // of the rows
}

func (r *copyReader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if r.buf = r.buf[:0]; !r.fill(len(p)) {
			if r.err != nil {
				return 0, r.err
			}
			return 0, io.EOF
		}
		r.rest = r.buf
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// fill appends rows until there are n bytes, and returns false if there was none.
func (r *copyReader) fill(n int) bool {
	for len(r.buf) < n {
		if r.at < r.bulk.count {
			for i, column := range r.bulk.cells {
				r.cell(i, column[r.at].text, column[r.at].valid)
			}
			r.buf = append(r.buf, '\n')
			r.at++
			continue
		}
		r.bulk.cells = nil
		row, err, ok := r.bulk.row()
		if r.err = err; err != nil {
			return false
		}
		if !ok {
			break
		}
		for i, v := range row {
			text, valid := textOf(v)
			r.cell(i, text, valid)
		}
		r.buf = append(r.buf, '\n')
	}
	return len(r.buf) > 0
}

func (r *copyReader) cell(i int, text string, valid bool) {
	if i > 0 {
		r.buf = append(r.buf, '\t')
	}
	if !valid {
		r.buf = append(r.buf, '\\', 'N')
		return
	}
	if strings.IndexAny(text, "\\\n\r\t") < 0 {
		r.buf = append(r.buf, text...)
		return
	}
	for _, c := range []byte(text) {
		switch c {
		case '\\':
			r.buf = append(r.buf, '\\', '\\')
		case '\n':
			r.buf = append(r.buf, '\\', 'n')
		case '\r':
			r.buf = append(r.buf, '\\', 'r')
		case '\t':
			r.buf = append(r.buf, '\\', 't')
		default:
			r.buf = append(r.buf, c)
		}
	}
}

func quoteAll(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = pgx.Identifier{n}.Sanitize()
	}
	return strings.Join(quoted, ",")
}
