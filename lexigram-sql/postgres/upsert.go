package postgres

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/contracts/sqldb/sqldriver"
)

// batchRows is how many rows are held and sent at a time.
const batchRows = 10_000

// Upsert implements [sqldb.BulkWriter]. It holds 10,000 rows at a time. Where
// none of their keys seems to be there they go by COPY, in a savepoint if
// something came before in the transaction, in case one is; and otherwise as
// one array for each column, with ON CONFLICT.
func (db *DB) Upsert(ctx context.Context, table string, columns, key []string, rows iter.Seq2[[]any, error]) (int64, error) {
	return db.upsert(ctx, &bulk{table: table, columns: columns, key: key}, rows)
}

// UpsertReturning implements [sqldb.BulkReturner]: as arrays, 10,000 rows at a time.
func (db *DB) UpsertReturning(ctx context.Context, each func(sqldb.Rows) error, returning []string, table string, columns, key []string, rows iter.Seq2[[]any, error]) error {
	_, err := db.upsert(ctx, &bulk{table: table, columns: columns, key: key, each: each, returning: returning}, rows)
	return err
}

func (db *DB) upsert(ctx context.Context, b *bulk, rows iter.Seq2[[]any, error]) (total int64, _ error) {
	err := sqldb.CheckUpsert(b.table, b.columns, b.key)
	if err == nil && b.each != nil {
		err = sqldb.CheckUpsert(b.table, b.returning, nil)
	}
	if err != nil {
		return 0, err
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	b.next, b.values, b.loads = next, make([][]any, len(b.columns)), &db.router.loads
	if err := b.gather(); err != nil || b.count() == 0 {
		return 0, err
	}
	err = db.InTx(ctx, func(ctx context.Context) error {
		h, err := db.Hold(ctx)
		if err != nil {
			return err
		}
		err = errPanicked // of rows
		defer func() { h.Release(err) }()
		total, err = b.write(ctx, sessionOf(h.Conn))
		return err
	}, sqldb.WithPropagation(sqldb.Join), sqldb.MaxAttempts(1))
	if err != nil {
		return 0, err
	}
	return total, nil
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
	values       [][]any      // of the rows that were gathered, by column
	types        []columnType // of the columns
	loads        *loads

	each      func(sqldb.Rows) error // nil: nothing is returned
	refusal   error                  // of each
	returning []string
	formats   []int16 // of returning

	buf  []byte // encoded values
	ends []int  // of each parameter in buf
	oids []uint32
}

type columnType struct {
	oid  uint32
	name string
}

func (b *bulk) count() int { return len(b.values[0]) }

// gather takes the next rows.
func (b *bulk) gather() error {
	for i := range b.values {
		clear(b.values[i])
		b.values[i] = b.values[i][:0]
	}
	for b.count() < batchRows {
		row, err, ok := b.next()
		if err != nil || !ok {
			return err
		}
		if len(row) != len(b.columns) {
			return sqldb.ErrArgument.Wrap(nil, "postgres: upsert into %q: a row of %d values for %d columns", b.table, len(row), len(b.columns))
		}
		if row, err = sqldriver.Args(row); err != nil {
			return err
		}
		for i, v := range row {
			if bytes, ok := v.([]byte); ok {
				v = slices.Clone(bytes) // which is the caller's
			}
			b.values[i] = append(b.values[i], v)
		}
	}
	return nil
}

// write sends what was gathered, and the rest.
func (b *bulk) write(ctx context.Context, s *session) (total int64, err error) {
	fresh := s.tx != nil && !s.tx.open
	if err = b.ask(ctx, s); err != nil {
		return 0, err
	}
	for ; b.count() > 0; fresh = false {
		n, sent, err := b.copy(ctx, s, fresh)
		if err == nil && !sent {
			n, err = b.unnest(ctx, s)
		}
		switch {
		case b.refusal != nil:
			return 0, b.refusal
		case err != nil:
			return 0, wrap(ctx, err, "upsert")
		}
		total += n
		if b.count() < batchRows {
			return total, nil
		}
		if err := b.gather(); err != nil {
			return 0, err
		}
	}
	return total, nil
}

// ask finds the types of the columns. A length or precision is left out: the
// table has it. It begins the transaction and gives it its number, by which an
// unknown commit is resolved, all in one round trip.
func (b *bulk) ask(ctx context.Context, s *session) error {
	number := "0"
	if s.tx != nil && s.tx.router.marks {
		number = "pg_current_xact_id()"
	}
	sql := "SELECT a.atttypid, format_type(a.atttypid, NULL), " + number + ` FROM unnest(CAST($2 AS text[])) WITH ORDINALITY AS c(name, n)
		JOIN pg_attribute a ON a.attname = c.name AND a.attrelid = CAST(CAST($1 AS text) AS regclass) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.n`
	if s.tx != nil {
		s.tx.blind = true
	}
	rows, err := s.query(ctx, nil, sql, []any{sqldb.QuoteName(b.table), slices.Concat(b.columns, b.returning)})
	if err != nil {
		return wrap(ctx, s.stale(err), "upsert")
	}
	b.types = make([]columnType, 0, len(b.columns)+len(b.returning))
	for rows.Next() {
		var t columnType
		if err := rows.Scan(&t.oid, &t.name, nil); err != nil {
			return errors.Join(err, rows.Close())
		}
		b.types = append(b.types, t)
	}
	if err := rows.Close(); err != nil {
		return err
	}
	if len(b.types) != len(b.columns)+len(b.returning) {
		return wrap(ctx, errors.New("the table lacks some of the columns"), "upsert")
	}
	for _, t := range b.types[len(b.columns):] {
		b.formats = append(b.formats, s.conn.Conn().TypeMap().FormatCodeForOID(t.oid))
	}
	b.types = b.types[:len(b.columns)]
	return nil
}

// unnest sends what was gathered as arrays.
func (b *bulk) unnest(ctx context.Context, s *session) (int64, error) {
	list, from := b.arrays(b.columns)
	sql := "INSERT INTO " + sqldb.QuoteName(b.table) + " (" + sqldb.QuoteNames(b.columns) + ") SELECT " + strings.Join(list, ",") + from + sqldb.OnConflict(b.columns, b.key)
	if b.each == nil {
		tag, err := b.exec(ctx, s, sql).Close()
		return affected(tag), err
	}
	raw := b.exec(ctx, s, sql+" RETURNING "+sqldb.QuoteNames(b.returning))
	r, err := begin(ctx, pgx.RowsFromResultReader(s.conn.Conn().TypeMap(), raw), nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = r.Close() }() // below it was asked for its error, or each has one
	for r.Next() {
		if b.refusal = b.each(r); b.refusal != nil {
			return 0, b.refusal
		}
	}
	return 0, r.Close()
}

// arrays encodes columns as parameters, and returns the expressions that their
// elements are read by, and where from.
func (b *bulk) arrays(columns []string) (list []string, from string) {
	var params, names []string
	b.buf, b.ends, b.oids = b.buf[:0], b.ends[:0], b.oids[:0]
	for n, c := range columns {
		i := slices.Index(b.columns, c)
		name := "c" + strconv.Itoa(i)
		oid, value := b.encode(i, name)
		names, params, list = append(names, name), append(params, "$"+strconv.Itoa(n+1)), append(list, value)
		b.ends, b.oids = append(b.ends, len(b.buf)), append(b.oids, oid)
	}
	return list, " FROM unnest(" + strings.Join(params, ",") + ") AS rows(" + strings.Join(names, ",") + ")"
}

// exec runs a statement with what arrays has encoded.
func (b *bulk) exec(ctx context.Context, s *session, sql string) *pgconn.ResultReader {
	params, formats := make([][]byte, len(b.ends)), make([]int16, len(b.ends))
	start := 0
	for i, end := range b.ends {
		params[i], formats[i], start = b.buf[start:end:end], pgx.BinaryFormatCode, end
	}
	return s.conn.Conn().PgConn().ExecParams(ctx, sql, params, b.oids, formats, b.formats)
}

// encode appends column i to buf, and returns the type of the array and what
// makes of an element called name a value of the column.
func (b *bulk) encode(i int, name string) (oid uint32, value string) {
	t := b.types[i]
	if e, ok := elements[t.oid]; ok {
		if buf, ok := e.appendArray(b.buf, b.values[i]); ok {
			b.buf = buf
			return e.array, name
		}
	}
	b.buf, _ = texts.appendArray(b.buf, b.values[i]) // which takes every value
	return texts.array, "CAST(" + name + " AS " + t.name + ")"
}
