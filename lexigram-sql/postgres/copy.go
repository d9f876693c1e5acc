package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// worthCopy is how many rows make up for the round trips of copy.
const worthCopy = 500

// copy sends what was gathered by COPY, or returns false, and nothing is done:
// the rows are few, or have a type that it does not know, or a key that is
// there. In a transaction that is fresh nothing comes before them.
func (b *bulk) copy(ctx context.Context, s *session, fresh bool) (n int64, sent bool, err error) {
	types, ok := b.elements()
	if !ok || b.each != nil || b.count() < worthCopy || s.tx == nil {
		return 0, false, nil
	}
	if len(b.key) > 0 && !b.loads.last(b.table) {
		if there, err := b.sample().anyThere(ctx, s); there || err != nil {
			return 0, false, err
		}
	}
	if !fresh {
		if err := simple(ctx, s, "SAVEPOINT "+copyName); err != nil {
			return 0, false, err
		}
	}
	from := &tuples{b: b, types: types}
	sql := "COPY " + sqldb.QuoteName(b.table) + " (" + sqldb.QuoteNames(b.columns) + ") FROM STDIN (FORMAT binary)"
	tag, err := s.conn.Conn().PgConn().CopyFrom(ctx, from, sql)
	b.loads.set(b.table, err == nil)
	switch {
	case err == nil && fresh:
		return tag.RowsAffected(), true, nil
	case err == nil:
		return tag.RowsAffected(), true, simple(ctx, s, "RELEASE "+copyName)
	case !from.unfit && !b.otherwise(err):
		return 0, false, err
	case fresh:
		s.tx.mark = mark{}
		return 0, false, simple(ctx, s, "ROLLBACK; "+s.tx.begin)
	}
	return 0, false, simple(ctx, s, "ROLLBACK TO "+copyName+"; RELEASE "+copyName)
}

// copyName is that of the savepoint.
const copyName = "lexigram_upsert"

// elements returns how values of the columns are sent, unless there is one that
// needs a statement to convert it.
func (b *bulk) elements() ([]element, bool) {
	types := make([]element, len(b.types))
	for i, t := range b.types {
		e, ok := elements[t.oid]
		if !ok {
			return nil, false
		}
		types[i] = e
	}
	return types, true
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
	tag, err := b.exec(ctx, s, sql).Close()
	return tag.RowsAffected() > 0, err
}

// tuples are the rows in COPY's binary format, encoded while the server reads.
type tuples struct {
	b     *bulk
	types []element
	row   int    // to be encoded next
	rest  []byte // encoded, and not read yet
	buf   []byte
	ended bool
	unfit bool // a value needs a statement to convert it
}

// tuplesAtOnce is how many bytes are encoded at a time, about what is sent at a time.
const tuplesAtOnce = 64 << 10

// Read implements io.Reader.
func (t *tuples) Read(p []byte) (int, error) {
	if len(t.rest) == 0 {
		if t.ended {
			return 0, io.EOF
		}
		if t.rest = t.encode(); t.unfit {
			return 0, errors.New("a value that only a statement converts")
		}
	}
	n := copy(p, t.rest)
	t.rest = t.rest[n:]
	return n, nil
}

func (t *tuples) encode() []byte {
	out := t.buf[:0]
	if t.row == 0 {
		out = append(out, "PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00"...) // flags, and no more header
	}
	for ; t.row < t.b.count() && len(out) < tuplesAtOnce; t.row++ {
		out = binary.BigEndian.AppendUint16(out, uint16(len(t.types)))
		for i, e := range t.types {
			var ok bool
			if out, ok = e.appendSized(out, t.b.values[i][t.row]); !ok {
				t.unfit = true
				return nil
			}
		}
	}
	if t.ended = t.row == t.b.count(); t.ended {
		out = append(out, 0xff, 0xff)
	}
	t.buf = out
	return out
}

// loads remembers tables whose last rows all went by COPY: those are not asked
// for a sample of keys. To be wrong costs a COPY that is undone.
type loads struct {
	mu     sync.Mutex
	tables map[string]bool
}

// maxLoads is of how many tables that is known.
const maxLoads = 512

func (l *loads) last(table string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tables[table]
}

func (l *loads) set(table string, went bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case !went:
		delete(l.tables, table)
		return
	case l.tables == nil, len(l.tables) >= maxLoads:
		l.tables = map[string]bool{}
	}
	l.tables[table] = true
}
