package wire

import (
	"bufio"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
)

func read(s string) (Reply, error) { return ReadReply(bufio.NewReader(strings.NewReader(s))) }

func TestReadReply(t *testing.T) {
	var got []string
	changed := func(key string) { got = append(got, key) }
	for sent, want := range map[string][]string{
		">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\na\r\n$3\r\n\r\n\xff\r\n": {"a", "\r\n\xff"},
		">2\r\n$10\r\ninvalidate\r\n_\r\n":                               {""},
		">2\r\n$10\r\ninvalidate\r\n$-1\r\n":                             {""},
	} {
		reply, err := read(sent)
		if err != nil || reply.Kind != '>' || len(reply.List) != 2 || reply.List[0].Text != "invalidate" {
			t.Errorf("%q = %+v, %v", sent, reply, err)
			continue
		}
		got = nil
		if tell(reply.List[1], changed); !slices.Equal(got, want) {
			t.Errorf("%q tells %q, want %q", sent, got, want)
		}
	}
	for sent, kind := range map[string]byte{
		"+PONG\r\n": '+', ":1\r\n": '+', "-ERR no\r\n": '-', "!2\r\nno\r\n": '-', "=7\r\ntxt:abc\r\n": '+', "%1\r\n+a\r\n+b\r\n": '*', "*0\r\n": '*',
	} {
		if reply, err := read(sent); err != nil || reply.Kind != kind {
			t.Errorf("%q = %+v, %v, want kind %q", sent, reply, err, kind)
		}
	}
	for _, sent := range []string{"x\r\n", "+\n", "+a\n", "$x\r\n", "$-2\r\n", "$9999999\r\n", "$1\r\nab\r\n", "*9999999\r\n", "*-2\r\n", strings.Repeat("*1\r\n", 9) + "+a\r\n"} {
		if reply, err := read(sent); !errors.Is(err, errProtocol) {
			t.Errorf("%q = %+v, %v, want an error", sent, reply, err)
		}
	}
	for _, sent := range []string{"", "+", "$3\r\nab", "*2\r\n+a\r\n"} {
		if _, err := read(sent); !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%q: %v, want that more is awaited", sent, err)
		}
	}
}

// FuzzReadReply finds nothing that makes the reader fall, or take more memory than it was sent.
func FuzzReadReply(f *testing.F) {
	for _, s := range []string{"+PONG\r\n", ">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n", "%1\r\n+a\r\n:1\r\n", "*1048576\r\n", "$1048576\r\n", "_\r\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		reply, err := read(s)
		if n := size(reply); err == nil && n > len(s) {
			t.Errorf("%q has %d bytes of text", s, n)
		}
	})
}

func size(r Reply) int {
	n := len(r.Text)
	for _, one := range r.List {
		n += size(one)
	}
	return n
}
