package natsevents

import (
	"strings"

	"github.com/nats-io/nats.go/jetstream"
)

// A delivery is one of a message to a consumer.
type delivery struct {
	sequence uint64 // sequence of the message in the stream
	number   uint64 // number of the delivery by the consumer
	count    uint64 // how often the message was, this time included
}

// deliveryOf reads the subject that a delivery is answered to, as ADR-15 of NATS
// has it: "$JS.ACK.<stream>.<consumer>.<delivered>.<sequence>.<delivery>.<time>.<pending>",
// or with two tokens more behind "ACK", and perhaps one at the end.
func deliveryOf(reply string) (p delivery, ok bool) {
	n := strings.Count(reply, ".") + 1
	skip := 4
	switch {
	case !strings.HasPrefix(reply, "$JS.ACK."), n < 9, n == 10:
		return delivery{}, false
	case n > 10:
		skip = 6
	}
	rest := reply
	for range skip {
		_, rest, _ = strings.Cut(rest, ".")
	}
	for _, field := range []*uint64{&p.count, &p.sequence, &p.number} {
		var token string
		token, rest, _ = strings.Cut(rest, ".")
		if len(token) == 0 || len(token) > 19 {
			return delivery{}, false
		}
		for i := range len(token) {
			c := token[i] - '0'
			if c > 9 {
				return delivery{}, false
			}
			*field = *field*10 + uint64(c)
		}
	}
	return p, true
}

// ack, nak and inProgress write to the connection's buffer. What is lost with
// the connection the server asks for again.
func (f *fetcher) ack(m jetstream.Msg)        { f.answer(m.Reply(), ack) }
func (f *fetcher) nak(m jetstream.Msg)        { f.answer(m.Reply(), nak) }
func (f *fetcher) inProgress(m jetstream.Msg) { f.answer(m.Reply(), inProgress) }

func (f *fetcher) answer(reply string, what []byte) {
	if err := f.group.bus.nc.Publish(reply, what); err != nil {
		f.group.bus.opts.Logger.Debug("natsevents: answer was not sent", "answer", string(what), "consumer", f.cfg.Name, "error", err)
	}
}

// Answers to a delivery.
var (
	ack        = []byte("+ACK")
	nak        = []byte("-NAK")
	inProgress = []byte("+WPI")
)
