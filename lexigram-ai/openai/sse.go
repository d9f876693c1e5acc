package openai

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// maxLine bounds a line of a stream, and an event's data.
const maxLine = 1 << 20

var errLine = errors.New("a line or an event is longer than 1 MiB")

// An eventReader reads the data of server-sent events. Lines end with LF or
// CRLF. Comments and other fields are skipped, several data lines of an event
// are joined with LF, and an event that the end of the stream cuts off is
// dropped, as the standard has it.
type eventReader struct {
	in     *bufio.Reader
	long   []byte // a line that does not fit into in's buffer
	data   []byte
	onLine func() // called after each line, for timeouts
	first  bool   // no line was read yet
}

func newEventReader(r io.Reader, onLine func()) *eventReader {
	return &eventReader{in: bufio.NewReaderSize(r, 16<<10), onLine: onLine, first: true}
}

// next returns the data of the next event, which is valid until the next call,
// or io.EOF.
func (e *eventReader) next() ([]byte, error) {
	e.data = e.data[:0]
	got := false
	for {
		line, err := e.line()
		if err != nil {
			return nil, err
		}
		if len(line) == 0 {
			if got {
				return e.data, nil
			}
			continue
		}
		field, value, _ := bytes.Cut(line, []byte{':'})
		if string(field) != "data" {
			continue // a comment has an empty field
		}
		if got {
			e.data = append(e.data, '\n')
		}
		got = true
		if len(e.data)+len(value) > maxLine {
			return nil, errLine
		}
		e.data = append(e.data, bytes.TrimPrefix(value, []byte{' '})...)
	}
}

// line returns the next line without its end; io.EOF also for one without an end.
func (e *eventReader) line() ([]byte, error) {
	line, err := e.in.ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		line, err = e.longLine(line)
	}
	if err != nil {
		return nil, err
	}
	e.onLine()
	if e.first {
		e.first = false
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'}), nil
}

func (e *eventReader) longLine(begin []byte) (line []byte, err error) {
	e.long = append(e.long[:0], begin...)
	for {
		line, err = e.in.ReadSlice('\n')
		if len(e.long)+len(line) > maxLine {
			return nil, errLine
		}
		e.long = append(e.long, line...)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return e.long, err
		}
	}
}
