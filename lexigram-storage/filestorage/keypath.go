package filestorage

import "strings"

// chunk is how many bytes of a segment one name holds: escaped threefold and
// with its marker, that is below the 255 bytes that file systems allow.
const chunk = 80

// What a directory entry stands for is told by its last byte, none of which escaping leaves.
const (
	blobMark  = "=" // the blob whose key ends here
	chunkMark = "+" // a directory: the segment goes on
	emptyMark = "%" // a directory, in place of an empty name
)

// blobPath returns the path of key's blob below the root. A segment of chunk
// bytes or more always goes on in a directory, even with nothing left, so that
// the keys below two entries of a directory never mix in byte order.
func blobPath(key string) string {
	var b strings.Builder
	b.WriteString(blobsDir)
	for {
		segment, rest, more := strings.Cut(key, "/")
		for ; len(segment) >= chunk; segment = segment[chunk:] {
			b.WriteByte('/')
			escape(&b, segment[:chunk])
			b.WriteString(chunkMark)
		}
		b.WriteByte('/')
		escape(&b, segment)
		switch {
		case !more:
			b.WriteString(blobMark)
			return b.String()
		case segment == "":
			b.WriteString(emptyMark)
		}
		key = rest
	}
}

// An entryKind says what an entry of a directory stands for.
type entryKind uint8

const (
	foreign   entryKind = iota // no key has it
	blob                       // a blob
	directory                  // the keys that go on with a slash
	chunked                    // the keys whose segment goes on
)

// parseName is the inverse of what blobPath does to one name: it returns what
// the keys of the entry have in common after the directory's own part, the
// slash of a directory included.
func parseName(name string) (part string, kind entryKind) {
	raw, kind := name, directory
	if s, ok := strings.CutSuffix(name, blobMark); ok {
		raw, kind = s, blob
	} else if s, ok := strings.CutSuffix(name, chunkMark); ok {
		raw, kind = s, chunked
	} else if name == emptyMark {
		raw = ""
	}
	part, ok := unescape(raw)
	if name == "" || !ok || strings.Contains(part, "/") || (kind == chunked) != (len(part) == chunk) || len(part) > chunk {
		return "", foreign
	}
	if kind == directory {
		part += "/"
	}
	return part, kind
}

const hexDigits = "0123456789abcdef"

// escape writes s, at most a chunk of a segment, so that no two are equal
// after folding case and none is special to a file system.
func escape(b *strings.Builder, s string) {
	reserved := isReserved(s)
	for i := range len(s) {
		c := s[i]
		plain := 'a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' || c == '_' ||
			c == '.' && i > 0 && i < len(s)-1
		if plain && (i > 0 || !reserved) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hexDigits[c>>4])
		b.WriteByte(hexDigits[c&15])
	}
}

// unescape reverses escape; ok is false for what escape does not write.
func unescape(name string) (s string, ok bool) {
	b := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '%' {
			if i+2 >= len(name) {
				return "", false
			}
			hi, lo := strings.IndexByte(hexDigits, name[i+1]), strings.IndexByte(hexDigits, name[i+2])
			if hi < 0 || lo < 0 {
				return "", false
			}
			c = byte(hi<<4 | lo)
			i += 2
		}
		b = append(b, c)
	}
	var again strings.Builder
	escape(&again, string(b))
	return string(b), again.String() == name
}

// isReserved reports whether Windows takes s, whatever follows its first dot, for a device.
func isReserved(s string) bool {
	stem, _, _ := strings.Cut(s, ".")
	switch stem {
	case "con", "prn", "aux", "nul":
		return true
	}
	return len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt") && '0' <= stem[3] && stem[3] <= '9'
}
