package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// worthCopy is how many rows make up for the round trips of copy.
const worthCopy = 500

// copy sends what was gathered by COPY, or returns false, and nothing is done:
// the rows are few, or have a type that it does not know, or a key that is there.
func (b *bulk) copy(ctx context.Context, s *session) (n int64, sent bool, err error) {
	if b.count() < worthCopy || s.tx == nil {
		return 0, false, nil
	}
	if len(b.key) > 0 {
		if there, err := b.sample().anyThere(ctx, s); there || err != nil {
			return 0, false, err
		}
	}
	if !b.tuples() {
		return 0, false, nil
	}
	const name = "lexigram_upsert"
	if err := simple(ctx, s, "SAVEPOINT "+name); err != nil {
		return 0, false, err
	}
	sql := "COPY " + sqldb.QuoteName(b.table) + " (" + sqldb.QuoteNames(b.columns) + ") FROM STDIN (FORMAT binary)"
	tag, err := s.conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(b.buf), sql)
	if err == nil {
		return tag.RowsAffected(), true, simple(ctx, s, "RELEASE "+name)
	}
	if !b.otherwise(err) {
		return 0, false, err
	}
	return 0, false, simple(ctx, s, "ROLLBACK TO "+name+"; RELEASE "+name)
}

// otherwise reports whether a statement may do what COPY failed at.
func (b *bulk) otherwise(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return false
	}
	switch pg.Code {
	case "23505": // another transaction was faster
		return len(b.key) > 0
	case "0A000", "42809": // policies for rows, a view
		return true
	}
	return false
}

func simple(ctx context.Context, s *session, sql string) error {
	_, err := s.conn.Exec(ctx, sql, pgx.QueryExecModeSimpleProtocol)
	return err
}

// sampleRows is how many keys are looked for before COPY is tried: it misses 5
// in 100 that are there 4 times in 100, and then what it wrote is undone.
const sampleRows = 64

// sample returns every so manieth of the rows.
func (b *bulk) sample() *bulk {
	few := &bulk{table: b.table, columns: b.columns, key: b.key, types: b.types, values: make([][]any, len(b.values))}
	for i, column := range b.values {
		for row := 0; row < len(column); row += max(len(column)/sampleRows, 1) {
			few.values[i] = append(few.values[i], column[row])
		}
	}
	return few
}

// anyThere reports whether one of the keys is there.
func (b *bulk) anyThere(ctx context.Context, s *session) (bool, error) {
	list, from := b.arrays(b.key)
	same := make([]string, len(list))
	for i, value := range list {
		same[i] = "t." + sqldb.QuoteNames(b.key[i:i+1]) + " = " + value
	}
	// The limit inside keeps each key from being looked for but by an index.
	sql := "SELECT 1" + from + " JOIN LATERAL (SELECT 1 FROM " + sqldb.QuoteName(b.table) + " t WHERE " + strings.Join(same, " AND ") + " LIMIT 1) AS there ON true LIMIT 1"
	tag, err := b.exec(ctx, s, sql)
	return tag.RowsAffected() > 0, err
}

// tuples encodes the rows in COPY's binary format, or returns false because one
// of the values needs a statement to convert it.
func (b *bulk) tuples() bool {
	types := make([]element, len(b.types))
	for i, t := range b.types {
		e, ok := elements[t.oid]
		if !ok {
			return false
		}
		types[i] = e
	}
	b.buf = append(b.buf[:0], "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...) // flags, and no more header
	for row := range b.count() {
		b.buf = binary.BigEndian.AppendUint16(b.buf, uint16(len(types)))
		for i, e := range types {
			var ok bool
			if b.buf, ok = e.appendSized(b.buf, b.values[i][row]); !ok {
				return false
			}
		}
	}
	b.buf = append(b.buf, 0xff, 0xff)
	return true
}
