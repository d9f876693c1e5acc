package natsevents

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/lexigram/lexigram-go/contracts/events"
	"github.com/nats-io/nats.go/jetstream"
)

// Where a consumer says what subscription it belongs to.
const (
	metaGroup   = "lexigram.group"
	metaTypes   = "lexigram.types"
	metaBegin   = "lexigram.begin"
	metaTimeout = "lexigram.timeout"
	metaRetry   = "lexigram.retry"
)

// inactive is how long the server keeps the consumer of a group "" whose process has gone.
const inactive = 5 * time.Minute

// declare makes the group's consumers on the server, or sees that they are as
// the subscription says.
func (g *group) declare(ctx context.Context) error {
	var disjoint []string
	disjoint, g.exact = filters(g.sub.Types)
	if g.sub.Group == "" {
		return g.declareSingle(ctx, disjoint)
	}
	errs := make([]error, g.bus.opts.Partitions)
	var all sync.WaitGroup
	for n := range errs {
		all.Go(func() { errs[n] = g.declareConsumer(ctx, g.config(n, disjoint)) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return g.failed(ctx, err)
		}
	}
	g.id = rand.Text()
	if _, err := g.bus.bucket.Put(ctx, memberKey(g.token, g.id), nil); err != nil { // others know of it when Subscribe returns
		return g.failed(ctx, err)
	}
	return nil
}

func (g *group) failed(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, events.ErrGroup):
		return err
	case ctx.Err() != nil:
		err = context.Cause(ctx)
	}
	return ErrUnavailable.Wrap(err, "natsevents: subscribe group %q", g.sub.Group)
}

// config is the declaration of the consumer of a partition.
func (g *group) config(partition int, patterns []string) jetstream.ConsumerConfig {
	name := g.token + "-" + strconv.Itoa(partition)
	c := jetstream.ConsumerConfig{
		Name: name, Durable: name, Description: "partition " + strconv.Itoa(partition) + " of group " + strconv.Quote(g.sub.Group),
		DeliverPolicy: jetstream.DeliverNewPolicy, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: g.bus.opts.AckWait, MaxDeliver: -1, MaxAckPending: g.bus.opts.Buffer,
		Metadata: map[string]string{
			metaGroup: g.sub.Group, metaTypes: strings.Join(g.sub.Types, " "), metaBegin: strconv.Itoa(int(g.sub.Begin)), metaTimeout: g.sub.Timeout.String(),
			metaRetry: fmt.Sprintf("attempts %d, base %v, cap %v, drop %t", g.sub.Retry.Attempts, g.sub.Retry.Base, g.sub.Retry.Cap, g.sub.Retry.Drop),
		},
	}
	if g.sub.Begin == events.Earliest {
		c.DeliverPolicy = jetstream.DeliverAllPolicy
	}
	for _, p := range patterns {
		c.FilterSubjects = append(c.FilterSubjects, g.bus.opts.subject(partition, p))
	}
	return c
}

// declareConsumer creates a consumer, or sees that it is as want says. It does
// not compare where it began, which is where a lost one was made anew.
func (g *group) declareConsumer(ctx context.Context, want jetstream.ConsumerConfig) error {
	js, stream := g.bus.js, g.bus.opts.Stream
	cons, err := js.Consumer(ctx, stream, want.Name)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		if cons, err = js.CreateConsumer(ctx, stream, want); errors.Is(err, jetstream.ErrConsumerExists) {
			cons, err = js.Consumer(ctx, stream, want.Name) // somebody else was faster
		}
	}
	if err != nil {
		return err
	}
	is := cons.CachedInfo().Config
	drifted := drift("consumer", want.Name, consumerFields(is, want))
	if drifted == nil {
		return nil
	}
	busy, err := g.members(ctx)
	switch {
	case err != nil:
		return err
	case busy || !g.bus.opts.Update:
		return events.ErrGroup.Wrap(drifted, "natsevents: subscribe group %q", g.sub.Group)
	}
	changed := is // where it began cannot be changed
	changed.FilterSubject, changed.FilterSubjects, changed.Metadata = "", want.FilterSubjects, want.Metadata
	changed.AckWait, changed.MaxAckPending = want.AckWait, want.MaxAckPending
	_, err = js.UpdateConsumer(ctx, stream, changed)
	return err
}

func consumerFields(is, want jetstream.ConsumerConfig) []field {
	all := func(c jetstream.ConsumerConfig) string {
		s := c.FilterSubjects
		if c.FilterSubject != "" {
			s = append([]string{c.FilterSubject}, s...)
		}
		return fmt.Sprint(slices.Sorted(slices.Values(s)))
	}
	fields := []field{
		{"filter", all(is), all(want)},
		{"ack_policy", is.AckPolicy.String(), want.AckPolicy.String()},
		{"ack_wait", is.AckWait.String(), want.AckWait.String()},
		{"buffer", strconv.Itoa(is.MaxAckPending), strconv.Itoa(want.MaxAckPending)},
		{"max_deliver", strconv.Itoa(is.MaxDeliver), strconv.Itoa(want.MaxDeliver)},
	}
	for _, key := range []string{metaGroup, metaTypes, metaBegin, metaTimeout, metaRetry} {
		fields = append(fields, field{key[len("lexigram."):], strconv.Quote(is.Metadata[key]), strconv.Quote(want.Metadata[key])})
	}
	return fields
}

// members reports whether some process works for the group.
func (g *group) members(ctx context.Context) (bool, error) {
	keys, err := g.bus.bucket.ListKeysFiltered(ctx, memberKey(g.token, "*"))
	if err != nil {
		return false, err
	}
	some := false
	for range keys.Keys() {
		some = true
	}
	return some, nil
}

// declareSingle makes the consumer of a group "".
func (g *group) declareSingle(ctx context.Context, patterns []string) error {
	c := jetstream.ConsumerConfig{
		Name: "single-" + rand.Text(), Description: "a group of its own", DeliverPolicy: jetstream.DeliverNewPolicy, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: g.bus.opts.AckWait, MaxDeliver: -1, MaxAckPending: g.bus.opts.Buffer, MemoryStorage: true, Replicas: 1, InactiveThreshold: inactive,
	}
	for _, p := range patterns {
		c.FilterSubjects = append(c.FilterSubjects, g.bus.opts.Prefix+".*."+p)
	}
	cons, err := g.bus.js.CreateConsumer(ctx, g.bus.opts.Stream, c)
	if err != nil {
		return g.failed(ctx, err)
	}
	g.single = newFetcher(g, c, startOf(cons.CachedInfo()))
	return nil
}

// Forget ends a named group that nobody works for, in any process, with its
// place. A group that somebody works for is an error wrapping
// [events.ErrGroup]; one that does not exist is no error.
func (b *Bus) Forget(ctx context.Context, name string) error {
	if err := b.refuses(ctx, "forget group", name); err != nil {
		return err
	}
	g := &group{bus: b, sub: events.Subscription{Group: name}, token: token(name)}
	busy, err := g.members(ctx)
	if err != nil {
		return ErrUnavailable.Wrap(err, "natsevents: forget group %q", name)
	}
	if busy || name == "" {
		return events.ErrGroup.Wrap(nil, "natsevents: forget group %q: stop its consumers first: group subscribed", name)
	}
	for n := range b.opts.Partitions {
		err := b.js.DeleteConsumer(ctx, b.opts.Stream, g.token+"-"+strconv.Itoa(n))
		if err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return ErrUnavailable.Wrap(err, "natsevents: forget group %q", name)
		}
	}
	return nil
}
