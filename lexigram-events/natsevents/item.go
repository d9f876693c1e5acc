package natsevents

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/nats-io/nats.go/jetstream"
)

// An item is one message on its way through one group. The group's mutex
// guards it; while a handler runs only ev and msg are read, by its goroutine.
type item struct {
	ev       events.Event
	bad      error // why it is no event; goes to the dead letters
	msg      jetstream.Msg
	from     *fetcher
	seq      uint64 // of the stream
	lane     *lane  // of the key; nil without a key
	attempts int    // that failed in this process
	touched  time.Time
	due      time.Time
	running  bool
	fatal    error // why it goes to the dead letters, once that is decided
	next     *item // in a queue
}

// A queue is a list of items; the zero value is empty.
type queue struct{ head, tail *item }

func (q *queue) push(it *item) {
	it.next = nil
	if q.tail == nil {
		q.head = it
	} else {
		q.tail.next = it
	}
	q.tail = it
}

func (q *queue) pushFront(it *item) {
	it.next = q.head
	q.head = it
	if q.tail == nil {
		q.tail = it
	}
}

func (q *queue) pop() *item {
	it := q.head
	if it == nil {
		return nil
	}
	q.head = it.next
	if q.head == nil {
		q.tail = nil
	}
	it.next = nil
	return it
}

// insert puts it before the first with a higher sequence. Nearly always that is
// the end.
func (q *queue) insert(it *item) {
	if q.tail == nil || q.tail.seq < it.seq {
		q.push(it)
		return
	}
	var all []*item
	for x := q.pop(); x != nil; x = q.pop() {
		all = append(all, x)
	}
	for _, x := range all {
		if it != nil && x.seq > it.seq {
			q.push(it)
			it = nil
		}
		q.push(x)
	}
	if it != nil {
		q.push(it)
	}
}

// remove takes out the items of f.
func (q *queue) remove(f *fetcher) {
	var rest queue
	for x := q.pop(); x != nil; x = q.pop() {
		if x.from != f {
			rest.push(x)
		}
	}
	*q = rest
}

// A lane holds back the events of one key behind the one that is ready,
// running or waiting for another attempt.
type lane struct {
	head    *item // that one
	key     string
	pending queue
}

// parked is the heap of items that wait for another attempt, soonest first.
type parked []*item

func (p parked) Len() int           { return len(p) }
func (p parked) Less(i, j int) bool { return p[i].due.Before(p[j].due) }
func (p parked) Swap(i, j int)      { p[i], p[j] = p[j], p[i] }
func (p *parked) Push(x any)        { *p = append(*p, x.(*item)) }
func (p *parked) Pop() any {
	last := len(*p) - 1
	it := (*p)[last]
	(*p)[last] = nil
	*p = (*p)[:last]
	return it
}

// A ring remembers the last sequences that were put into it.
type ring struct {
	seqs [4096]uint64
	n    int
}

func (r *ring) put(seq uint64) {
	r.seqs[r.n%len(r.seqs)] = seq
	r.n++
}

// has is asked about what the server delivers again, which is rare.
func (r *ring) has(seq uint64) bool {
	for _, s := range r.seqs[:min(r.n, len(r.seqs))] {
		if s == seq {
			return true
		}
	}
	return false
}
