package filestorage

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

// A blob's file is a header and the bytes. The header is a part of fixed size,
// written last, and the description as JSON:
//
//	0  magic           8 bytes
//	8  header's size   uint32, little endian as all
//	12 checksum        uint32, CRC-32C of the header with these four bytes zero
//	16 blob's size     uint64
//	24 SHA-256         of the blob
//	56 time            int64, nanoseconds since 1970
//	64 description
const (
	magic     = "lexblob\x01"
	fixedSize = 64
	maxHeader = 64 << 10 // a key, metadata and content type at their limits, all escaped, are a quarter of it
	firstRead = 4 << 10  // enough for nearly every header
	crcOffset = 12
	crcEnd    = 16
)

type header struct {
	size        int64
	sum         [sha256.Size]byte
	modTime     time.Time
	description description
	length      int64 // of the encoded header: where the bytes begin
}

type description struct {
	Key         string            `json:"key"`
	ContentType string            `json:"content_type"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

func (h *header) info() storage.Info {
	return storage.Info{
		Key: h.description.Key, Size: h.size, ETag: hex.EncodeToString(h.sum[:]),
		ContentType: h.description.ContentType, ModTime: h.modTime, Metadata: h.description.Metadata,
	}
}

// encode returns the header and sets its length, which depends on the description alone.
func (h *header) encode() ([]byte, error) {
	text, err := json.Marshal(h.description)
	if err != nil {
		return nil, err
	}
	b := make([]byte, fixedSize, fixedSize+len(text))
	b = append(b, text...)
	h.length = int64(len(b))
	copy(b, magic)
	binary.LittleEndian.PutUint32(b[8:], uint32(len(b)))
	binary.LittleEndian.PutUint64(b[16:], uint64(h.size))
	copy(b[24:], h.sum[:])
	binary.LittleEndian.PutUint64(b[56:], uint64(h.modTime.UnixNano()))
	binary.LittleEndian.PutUint32(b[crcOffset:], checksum(b))
	return b, nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func checksum(header []byte) uint32 {
	sum := crc32.Update(0, castagnoli, header[:crcOffset])
	sum = crc32.Update(sum, castagnoli, make([]byte, crcEnd-crcOffset))
	return crc32.Update(sum, castagnoli, header[crcEnd:])
}

// readHeader reads the header of f, and checks it and the size of the file. What
// it returns says what is wrong with the file, or is an error of reading.
func readHeader(f *os.File, key string) (*header, error) {
	fi, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, damage("is not a regular file")
	}
	b := make([]byte, min(firstRead, fi.Size()))
	if _, err := io.ReadFull(io.NewSectionReader(f, 0, fi.Size()), b); err != nil {
		return nil, cut(err)
	}
	if len(b) < fixedSize || string(b[:len(magic)]) != magic {
		return nil, damage("does not begin as a blob")
	}
	n := int64(binary.LittleEndian.Uint32(b[8:]))
	if n < fixedSize || n > maxHeader || n > fi.Size() {
		return nil, damage("has a header of %d bytes", n)
	}
	if int64(len(b)) < n {
		more := make([]byte, n-int64(len(b)))
		if _, err := f.ReadAt(more, int64(len(b))); err != nil {
			return nil, cut(err)
		}
		b = append(b, more...)
	}
	h, err := decodeHeader(b[:n])
	if err != nil {
		return nil, err
	}
	if want := h.length + h.size; fi.Size() != want {
		return nil, damage("has %d bytes instead of %d", fi.Size(), want)
	}
	if h.description.Key != key {
		return nil, damage("is the blob %q", h.description.Key)
	}
	return h, nil
}

// decodeHeader decodes a whole header.
func decodeHeader(b []byte) (*header, error) {
	if len(b) < fixedSize || string(b[:len(magic)]) != magic {
		return nil, damage("does not begin as a blob")
	}
	if got := binary.LittleEndian.Uint32(b[crcOffset:]); got != checksum(b) {
		return nil, damage("has a header with a wrong checksum")
	}
	h := &header{
		size:    int64(binary.LittleEndian.Uint64(b[16:])),
		modTime: time.Unix(0, int64(binary.LittleEndian.Uint64(b[56:]))).UTC(),
		length:  int64(len(b)),
	}
	copy(h.sum[:], b[24:56])
	if h.size < 0 {
		return nil, damage("has a size of %d bytes", h.size)
	}
	if err := json.Unmarshal(b[fixedSize:], &h.description); err != nil {
		return nil, damage("has a header that is no JSON: %v", err)
	}
	return h, nil
}

// errDamage is what readHeader and readers return for a file that is not what
// was written; the boundary makes it storage.ErrCorrupt.
var errDamage = errors.New("damaged")

// damage returns an errDamage that reads "the file …".
func damage(format string, args ...any) error {
	return &damageError{fmt.Sprintf("the file "+format, args...)}
}

type damageError struct{ text string }

func (e *damageError) Error() string        { return e.text }
func (e *damageError) Is(target error) bool { return target == errDamage }

// cut makes an unexpected end damage.
func cut(err error) error {
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return damage("was cut while it was read")
	}
	return err
}
