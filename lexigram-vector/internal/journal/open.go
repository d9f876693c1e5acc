package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
)

// Open reads a journal from its beginning and calls replay with every record,
// which is valid during the call only. An append that was interrupted left a
// part of a frame at the end: it is cut off. Damage before that, and an error
// of replay, are errors that name the file and the offset of the frame.
func (d *Dir) Open(name string, kind Kind, replay func(payload []byte) error) (*Journal, error) {
	f, err := d.root.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	j := &Journal{dir: d, name: name, kind: kind, file: f}
	if err := j.read(f, replay); err != nil {
		return nil, also(fmt.Errorf("file %q in %q: %w", name, d.path, err), f.Close())
	}
	return j, nil
}

func (j *Journal) read(f *os.File, replay func([]byte) error) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size := info.Size()
	r := bufio.NewReaderSize(f, keepBuffer)
	head := make([]byte, min(size, headerSize))
	if _, err := io.ReadFull(r, head); err != nil {
		return err
	}
	if j.salt, err = parseHeader(head, j.kind); err != nil {
		return err
	}
	j.size = headerSize
	defer func() { j.buf = nil }() // it has the size of the largest record
	for j.size < size {
		whole, err := j.next(r, size, replay)
		if err != nil {
			return fmt.Errorf("offset %d: %w", j.size, err)
		}
		if !whole {
			return j.mend(f, size)
		}
	}
	return nil
}

// next reads one frame; whole is false if it is damaged.
func (j *Journal) next(r io.Reader, size int64, replay func([]byte) error) (whole bool, err error) {
	var head [frameSize]byte
	if size-j.size < frameSize {
		return false, nil
	}
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return false, err
	}
	fr, ok := parseFrame(head[:], j.salt)
	if !ok || fr.number != j.number || int64(fr.length) > size-j.size-frameSize {
		return false, nil
	}
	if int(fr.length) > cap(j.buf) {
		j.buf = make([]byte, fr.length)
	}
	payload := j.buf[:fr.length]
	if _, err := io.ReadFull(r, payload); err != nil {
		return false, err
	}
	if checksum(payload) != fr.sum {
		return false, nil
	}
	if err := replay(payload); err != nil {
		return false, err
	}
	j.size += frameSize + int64(fr.length)
	j.number++
	return true, nil
}

// mend cuts the file at j.size if what follows can be the rest of one append:
// if there is a later frame in it, the damage is in the middle.
func (j *Journal) mend(f *os.File, size int64) error {
	later, err := j.laterFrame(f, size)
	if err != nil {
		return err
	}
	if later >= 0 {
		return fmt.Errorf("offset %d: %w (a later frame is at %d)", j.size, ErrCorrupt, later)
	}
	j.cut = size - j.size
	if err := f.Truncate(j.size); err != nil {
		return err
	}
	if _, err := f.Seek(j.size, io.SeekStart); err != nil {
		return err
	}
	return f.Sync()
}

// laterFrame returns where behind j.size a header of a later frame is, or -1.
func (j *Journal) laterFrame(f *os.File, size int64) (int64, error) {
	r := bufio.NewReaderSize(io.NewSectionReader(f, j.size+1, size-j.size-1), keepBuffer)
	for at := j.size + 1; ; at++ {
		head, err := r.Peek(frameSize)
		if errors.Is(err, io.EOF) {
			return -1, nil
		}
		if err != nil {
			return -1, err
		}
		if fr, ok := parseFrame(head, j.salt); ok && fr.number > j.number {
			return at, nil
		}
		if _, err := r.Discard(1); err != nil {
			return -1, err
		}
	}
}
