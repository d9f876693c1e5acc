package natsevents

import (
	"testing"

	"github.com/nats-io/nats.go"
)

// FuzzDelivery compares deliveryOf with nats.go.
func FuzzDelivery(f *testing.F) {
	f.Add("$JS.ACK.S.c.1.2.3.4.5")
	f.Add("$JS.ACK.hub.hash.S.c.1.22.333.4.5")
	f.Add("$JS.ACK.hub.hash.S.c.1.22.333.4.5.token")
	f.Add("$JS.ACK.S.c.1.2.3.4.5.6")
	f.Add("$JS.ACK.S.c..2.x.4.5")
	f.Add("")
	f.Fuzz(func(t *testing.T, reply string) {
		got, ok := deliveryOf(reply)
		m, err := (&nats.Msg{Reply: reply, Sub: &nats.Subscription{}}).Metadata()
		if err != nil || !ok {
			return // nats.go is lenient about what is no number
		}
		if want := (delivery{m.Sequence.Stream, m.Sequence.Consumer, m.NumDelivered}); got != want {
			t.Errorf("deliveryOf(%q) = %+v, want %+v", reply, got, want)
		}
	})
}

func TestDelivery(t *testing.T) {
	for reply, want := range map[string]delivery{
		"$JS.ACK.S.c.1.2.3.4.5":                    {2, 3, 1},
		"$JS.ACK.hub.hash.S.c.1.22.333.4.5":        {22, 333, 1},
		"$JS.ACK.hub.hash.S.c.1.22.333.4.5.token":  {22, 333, 1},
		"$JS.ACK.S.c.1.2.3.4":                      {},
		"$JS.ACK.S.c.1.2.x.4.5":                    {},
		"$JS.ACK.S.c.1.99999999999999999999.3.4.5": {},
		"_INBOX.S.c.1.2.3.4.5.6":                   {},
	} {
		if got, ok := deliveryOf(reply); got != want && ok || ok != (want != delivery{}) {
			t.Errorf("deliveryOf(%q) = %+v, %t", reply, got, ok)
		}
	}
}
