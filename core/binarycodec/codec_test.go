package binarycodec_test

import (
	"errors"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/lexigram/lexigram-go/contracts/codec"
	"github.com/lexigram/lexigram-go/contracts/codec/codectest"
	"github.com/lexigram/lexigram-go/core/binarycodec"
)

func TestConformance(t *testing.T) {
	codectest.Run(t, func(*testing.T) codec.Codec { return binarycodec.Codec{} }, codectest.Values(
		time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), netip.MustParseAddr("2001:db8::1%eth0"),
		"text", []byte{0, 0xff}, []byte{},
	))
}

// A selfish value gives away its own bytes and keeps those that it is given.
type selfish struct{ own []byte }

func (s *selfish) MarshalBinary() ([]byte, error) { return s.own, nil }

func (s *selfish) UnmarshalBinary(data []byte) error {
	if len(data) == 0 {
		return errors.New("empty")
	}
	s.own = data
	return nil
}

func TestBytesAreTheCallers(t *testing.T) {
	var c binarycodec.Codec
	s := selfish{[]byte("abc")}
	data, err := c.Marshal(&s)
	if err != nil {
		t.Fatal(err)
	}
	data[0] = '!'
	var back selfish
	if err := c.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	data[1] = '!'
	if string(s.own) != "abc" || string(back.own) != "!bc" {
		t.Errorf("%s, %s", s.own, back.own)
	}
	if err := c.Unmarshal(nil, &back); !errors.Is(err, codec.ErrData) {
		t.Errorf("what the type refuses: %v", err)
	}
	if _, err := c.Marshal((*time.Time)(nil)); !errors.Is(err, codec.ErrValue) {
		t.Errorf("a nil pointer: %v", err)
	}
	if _, err := c.Marshal(time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 1<<30))); !errors.Is(err, codec.ErrValue) {
		t.Errorf("what the type cannot write: %v", err)
	}
}

func Example() {
	var c binarycodec.Codec
	data, err := c.Marshal(netip.MustParseAddr("192.0.2.1"))
	fmt.Println(data, err)
	addr, err := codec.Decode[netip.Addr](c, data)
	fmt.Println(addr, err)
	_, err = c.Marshal(struct{ A int }{1})
	fmt.Println(err)
	// Output:
	// [192 0 2 1] <nil>
	// 192.0.2.1 <nil>
	// binarycodec: marshal a struct { A int }: its type has no binary form: add a MarshalBinary, or use core/jsoncodec
}
