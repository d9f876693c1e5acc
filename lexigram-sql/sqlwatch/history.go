package sqlwatch

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/sqldb"
)

// Of an hour, counts are kept in steps.
const (
	step  = 10 * time.Second
	steps = int64(time.Hour / step)
)

// A history is the counts of the last hour. The zero value is empty.
type history struct{ parts []part }

type part struct {
	at    int64 // which step since 1970
	stats sqldb.QueryStats
}

func stepOf(t time.Time) int64 { return t.UnixNano() / int64(step) }

func (h *history) add(e sqldb.QueryLogEntry, slow bool) {
	if h.parts == nil {
		h.parts = make([]part, steps)
	}
	at := stepOf(e.At.Add(e.Took))
	p := &h.parts[((at%steps)+steps)%steps]
	switch {
	case at < p.at:
		return // it ended more than an hour before another one
	case at > p.at:
		*p = part{at: at}
	}
	p.stats.Total++
	p.stats.Took += e.Took
	if e.Err != nil {
		p.stats.Fails++
	}
	if slow {
		p.stats.Slow++
	}
}

func (h *history) stats(now time.Time, window time.Duration) sqldb.QueryStats {
	window = min(max(window, 0), time.Duration(steps-1)*step)
	first, last := stepOf(now.Add(-window)), stepOf(now)
	sum := sqldb.QueryStats{Since: time.Unix(0, first*int64(step))}
	for _, p := range h.parts {
		if p.at >= first && p.at <= last {
			sum.Total += p.stats.Total
			sum.Fails += p.stats.Fails
			sum.Slow += p.stats.Slow
			sum.Took += p.stats.Took
		}
	}
	return sum
}
