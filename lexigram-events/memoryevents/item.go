package memoryevents

import (
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
)

// An item is one event on its way through one group. The bus's mutex guards
// it; while a handler runs only attempts of the handler's goroutine reads it.
type item struct {
	ev       events.Event
	lane     *lane   // of the key; nil without a key
	ticket   *ticket // of the Deliver that waits for it; nil if it was published
	attempts int     // that failed
	due      time.Time
	next     *item // in a queue, or the free list
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

// A lane holds back the events of one key behind the one that is ready,
// running or waiting for another attempt.
type lane struct {
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
