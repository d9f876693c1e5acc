package sqlwatch

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/observe"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// The defaults of [LogOptions].
const (
	DefaultSlow  = time.Second
	DefaultKeep  = 1000
	DefaultLines = 10
)

// LogOptions says what a [Log] keeps and writes.
type LogOptions struct {
	// Slow is what a statement must take longer than to be slow. 0 means [DefaultSlow].
	Slow time.Duration
	// Keep is how many entries are kept, the newest. 0 means [DefaultKeep].
	Keep int
	// SampleEvery keeps one in so many of the statements that neither were slow
	// nor failed; those always are. 0 means 1, all of them.
	SampleEvery int
	// Lines is how many slow statements are written to Logger in a second; the next
	// line says how many were not. 0 means [DefaultLines].
	Lines int
	// ShowValues keeps and writes arguments, literals and the text of errors: for
	// development. Without it what is told has the statement's [Fingerprint] as SQL, no
	// Args, and errors that say their code only, but still match their sentinels.
	ShowValues bool
	// Logger gets a warning for each slow statement. nil discards.
	Logger *slog.Logger
	// Observer gets the counter "sql.slow".
	Observer observe.Observer
}

// Validate returns an [errs.ValidationError] that names what is out of range.
func (o LogOptions) Validate() error {
	var v errs.ValidationError
	if o.Slow < 0 {
		v.Add("slow", "must not be negative; leave it out for 1s", "RANGE")
	}
	if o.Keep < 0 || o.Keep > 1e6 {
		v.Add("keep", "must be 0 to 1000000; leave it out for 1000", "RANGE")
	}
	if o.SampleEvery < 0 {
		v.Add("sample_every", "must not be negative; leave it out to keep every statement", "RANGE")
	}
	if o.Lines < 0 {
		v.Add("lines", "must not be negative; leave it out for 10 in a second", "RANGE")
	}
	return v.Err()
}

// A Log keeps the newest statements in memory and writes those that are slow. It
// is safe for concurrent use; make one with [NewLog].
type Log struct {
	opts LogOptions

	mu     sync.Mutex
	seen   int                   // of those that are sampled
	kept   []sqldb.QueryLogEntry // a ring once it is full
	next   int                   // where the next one goes when it is
	past   history
	second int64 // in which lines were written
	lines  int
	missed int // lines since the last one
}

var (
	_ sqldb.QueryLogger    = (*Log)(nil)
	_ sqldb.QueryInspector = (*Log)(nil)
)

// NewLog returns a Log. Options out of range are an error that wraps an
// [errs.ValidationError].
func NewLog(o LogOptions) (*Log, error) {
	if err := o.Validate(); err != nil {
		return nil, sqldb.Err.Wrap(err, "sqlwatch: new log")
	}
	o.Slow, o.Keep = cmp.Or(o.Slow, DefaultSlow), cmp.Or(o.Keep, DefaultKeep)
	o.SampleEvery, o.Lines = cmp.Or(o.SampleEvery, 1), cmp.Or(o.Lines, DefaultLines)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Log{opts: o}, nil
}

// LogQuery implements [sqldb.QueryLogger].
func (l *Log) LogQuery(ctx context.Context, e sqldb.QueryLogEntry) {
	slow := e.Took > l.opts.Slow
	line, missed := l.add(e, slow)
	if slow {
		l.opts.Observer.Count(ctx, "sql.slow", 1)
	}
	if line {
		l.write(ctx, e, missed)
	}
}

// add counts e, keeps it if it is to be kept, and returns whether it is to be
// written and how many before it were not.
func (l *Log) add(e sqldb.QueryLogEntry, slow bool) (line bool, missed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.past.add(e, slow)
	if !slow && e.Err == nil {
		l.seen++
		if l.seen < l.opts.SampleEvery {
			return false, 0
		}
		l.seen = 0
	}
	l.keep(e)
	if !slow {
		return false, 0
	}
	if s := e.At.Add(e.Took).Unix(); s != l.second {
		l.second, l.lines = s, 0
	}
	if l.lines == l.opts.Lines {
		l.missed++
		return false, 0
	}
	l.lines++
	missed, l.missed = l.missed, 0
	return true, missed
}

// maxText is how many bytes of a statement are kept and written.
const maxText = 8 << 10

func cut(sql string) string { return sql[:min(len(sql), maxText)] }

func (l *Log) keep(e sqldb.QueryLogEntry) {
	if len(e.SQL) > maxText {
		e.SQL = strings.Clone(cut(e.SQL))
	}
	if l.opts.ShowValues {
		e.Args = clone(e.Args)
	} else {
		e.Args = nil
	}
	if len(l.kept) < l.opts.Keep {
		l.kept = append(l.kept, e)
		return
	}
	l.kept[l.next] = e
	l.next = (l.next + 1) % len(l.kept)
}

// clone copies what the caller may change afterwards.
func clone(args []any) []any {
	args = slices.Clone(args)
	for i, a := range args {
		if b, ok := a.([]byte); ok {
			args[i] = slices.Clone(b)
		}
	}
	return args
}

func (l *Log) write(ctx context.Context, e sqldb.QueryLogEntry, missed int) {
	e.SQL = cut(e.SQL)
	e = l.shown(e)
	attrs := []slog.Attr{slog.String("sql", e.SQL), slog.Duration("took", e.Took), slog.Int64("rows", e.Rows)}
	if l.opts.ShowValues {
		attrs = append(attrs, slog.Any("args", e.Args))
	}
	if e.Tx != 0 {
		attrs = append(attrs, slog.Uint64("tx", e.Tx))
	}
	if e.PC != 0 {
		attrs = append(attrs, slog.String("caller", Site(e.PC)))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.String("error", e.Err.Error()))
	}
	if missed > 0 {
		attrs = append(attrs, slog.Int("not_written", missed))
	}
	l.opts.Logger.LogAttrs(ctx, slog.LevelWarn, "sql: slow statement", attrs...)
}

// shown returns e as it may be seen.
func (l *Log) shown(e sqldb.QueryLogEntry) sqldb.QueryLogEntry {
	if l.opts.ShowValues {
		e.Args = clone(e.Args)
		return e
	}
	e.SQL, e.Args = Fingerprint(e.SQL, e.Dialect), nil
	e.Err = hide(e.Err)
	return e
}

// Recent implements [sqldb.QueryInspector].
func (l *Log) Recent(n int) []sqldb.QueryLogEntry {
	l.mu.Lock()
	n = min(max(n, 0), len(l.kept))
	some := make([]sqldb.QueryLogEntry, 0, n)
	for i := len(l.kept) - n; i < len(l.kept); i++ {
		some = append(some, l.kept[(l.next+i)%len(l.kept)])
	}
	l.mu.Unlock()
	for i := range some {
		some[i] = l.shown(some[i])
	}
	return some
}

// Slow implements [sqldb.QueryInspector].
func (l *Log) Slow(bound time.Duration, n int) []sqldb.QueryLogEntry {
	l.mu.Lock()
	var some []sqldb.QueryLogEntry
	for _, e := range l.kept {
		if e.Took > bound {
			some = append(some, e)
		}
	}
	l.mu.Unlock()
	slices.SortStableFunc(some, func(a, b sqldb.QueryLogEntry) int { return cmp.Compare(b.Took, a.Took) })
	some = some[:min(max(n, 0), len(some))]
	for i := range some {
		some[i] = l.shown(some[i])
	}
	return some
}

// Stats implements [sqldb.QueryInspector]. It counts in steps of 10 seconds, an
// hour back at most.
func (l *Log) Stats(window time.Duration) sqldb.QueryStats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.past.stats(time.Now(), window)
}
