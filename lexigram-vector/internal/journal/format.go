// Package journal keeps records in an append-only file, each whole or not at
// all, whenever the process or the machine dies.
//
// A file begins with a header: "lexjrnl", the version of the format, four bytes
// that say what the records are, eight random bytes (the salt) and the CRC-32C
// of all that. Frames follow, each a header of four little-endian words, and a
// payload: its length, its CRC-32C, the number of the frame, and the CRC-32C of
// the salt and those three. So a length is trusted only if it is whole, and a
// frame that a payload happens to hold, copied from another file, is none.
package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
)

const (
	magic      = "lexjrnl\x01"
	headerSize = 8 + 4 + 8 + 4
	frameSize  = 16
	// MaxPayload bounds one record, in bytes.
	MaxPayload = 1 << 30
)

var (
	// ErrCorrupt reports a file that is damaged elsewhere than at its end.
	ErrCorrupt = errors.New("damaged journal")
	// ErrInUse reports a directory that another store has open.
	ErrInUse = errors.New("in use by another store")
	// ErrBroken reports a journal that takes no more records, because it is not
	// known what an earlier write left on the disk. Opening it again mends it.
	ErrBroken = errors.New("journal failed before and must be opened again")
	// ErrTooLarge reports a record beyond MaxPayload.
	ErrTooLarge = errors.New("more than 1 GiB in one call")
)

// A Kind says what the records of a file are, and in which version.
type Kind [4]byte

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

func appendHeader(b []byte, kind Kind, salt [8]byte) []byte {
	from := len(b)
	b = append(b, magic...)
	b = append(b, kind[:]...)
	b = append(b, salt[:]...)
	return binary.LittleEndian.AppendUint32(b, checksum(b[from:]))
}

// parseHeader returns the salt of a file of kind.
func parseHeader(b []byte, kind Kind) (salt [8]byte, err error) {
	switch {
	case len(b) < headerSize || string(b[:7]) != magic[:7]:
		return salt, errors.New("not a journal")
	case b[7] != magic[7]:
		return salt, errors.New("a journal of a version that is not known here")
	case binary.LittleEndian.Uint32(b[20:]) != checksum(b[:20]):
		return salt, ErrCorrupt
	case Kind(b[8:12]) != kind:
		return salt, errors.New("a journal of another kind or version")
	}
	return [8]byte(b[12:20]), nil
}

// A frame is what the header of one says.
type frame struct{ length, sum, number uint32 }

func (f frame) append(b []byte, salt [8]byte) []byte {
	from := len(b)
	b = binary.LittleEndian.AppendUint32(b, f.length)
	b = binary.LittleEndian.AppendUint32(b, f.sum)
	b = binary.LittleEndian.AppendUint32(b, f.number)
	return binary.LittleEndian.AppendUint32(b, headerSum(b[from:], salt))
}

// parseFrame reads the header of a frame; ok is false if it is not whole.
func parseFrame(b []byte, salt [8]byte) (f frame, ok bool) {
	f = frame{binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])}
	return f, binary.LittleEndian.Uint32(b[12:]) == headerSum(b, salt) && f.length <= MaxPayload
}

func headerSum(b []byte, salt [8]byte) uint32 {
	var in [20]byte
	copy(in[:], salt[:])
	copy(in[8:], b[:12])
	return checksum(in[:])
}
