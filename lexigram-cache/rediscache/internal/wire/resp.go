package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
)

// A Reply is what a server sent: text, a number as text, or a list. A Nil is neither.
type Reply struct {
	Text string
	List []Reply
	Kind byte // '+' text, '-' error, '*' list, '>' push, '_' nil
}

// What a reply may be at most. Keys have 1 KiB and a prefix, of which a server tells many at a time.
const (
	maxText  = 1 << 20
	maxList  = 1 << 20
	maxDepth = 8
)

var errProtocol = errors.New("what the server sent is not RESP3")

// ReadReply reads one reply of RESP3, of the kinds that a connection that tracks is sent.
func ReadReply(r *bufio.Reader) (Reply, error) { return readReply(r, maxDepth) }

func readReply(r *bufio.Reader, depth int) (Reply, error) {
	kind, rest, err := readLine(r)
	if err != nil {
		return Reply{}, err
	}
	switch kind {
	case '+', ':', ',', '(', '#':
		return Reply{Kind: '+', Text: rest}, nil
	case '-':
		return Reply{Kind: '-', Text: rest}, nil
	case '_':
		return Reply{Kind: '_'}, nil
	case '$', '=', '!':
		return readText(r, kind, rest)
	case '*', '>', '~', '%':
		return readList(r, kind, rest, depth)
	}
	return Reply{}, fmt.Errorf("%w: kind %q", errProtocol, kind)
}

// readLine reads the first byte of a line and the rest.
func readLine(r *bufio.Reader) (kind byte, rest string, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, "", err
	}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return 0, "", errProtocol
	}
	return line[0], string(line[1 : len(line)-2]), nil
}

func readText(r *bufio.Reader, kind byte, length string) (Reply, error) {
	n, err := strconv.Atoi(length)
	switch {
	case err != nil || n < -1 || n > maxText:
		return Reply{}, fmt.Errorf("%w: text of %q bytes", errProtocol, length)
	case n == -1:
		return Reply{Kind: '_'}, nil
	}
	buf := make([]byte, n+2)
	if _, err := io.ReadFull(r, buf); err != nil {
		return Reply{}, err
	}
	if string(buf[n:]) != "\r\n" {
		return Reply{}, errProtocol
	}
	reply := Reply{Kind: '+', Text: string(buf[:n])}
	if kind == '!' {
		reply.Kind = '-'
	}
	return reply, nil
}

func readList(r *bufio.Reader, kind byte, length string, depth int) (Reply, error) {
	n, err := strconv.Atoi(length)
	if kind == '%' && n > 0 {
		n *= 2
	}
	switch {
	case err != nil || n < -1 || n > maxList || depth == 0:
		return Reply{}, fmt.Errorf("%w: list of %q at depth %d", errProtocol, length, maxDepth-depth)
	case n == -1:
		return Reply{Kind: '_'}, nil
	}
	reply := Reply{Kind: '*'}
	if kind == '>' {
		reply.Kind = '>'
	}
	for range n {
		one, err := readReply(r, depth-1)
		if err != nil {
			return Reply{}, err
		}
		reply.List = append(reply.List, one)
	}
	return reply, nil
}
