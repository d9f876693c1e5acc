package storage

import (
	"strings"
	"unicode/utf8"
)

// CheckKey returns an error wrapping [ErrKey] unless key is valid UTF-8 of 1 to
// 1,024 bytes without NUL, whose segments between slashes are not empty, "." or "..".
func CheckKey(key string) error {
	if len(key) == 0 || len(key) > 1024 || !utf8.ValidString(key) || strings.IndexByte(key, 0) >= 0 {
		return ErrKey.Wrap(nil, "storage: key %q", key)
	}
	for s := range strings.SplitSeq(key, "/") {
		if s == "" || s == "." || s == ".." {
			return ErrKey.Wrap(nil, "storage: key %q", key)
		}
	}
	return nil
}

// CheckMetadata returns an error wrapping [ErrMetadata] unless the keys are 1 to
// 64 of a-z, 0-9 and "-", the values valid UTF-8 without control characters, and
// all of it together at most 2,048 bytes. Every backend's Put calls it first.
func CheckMetadata(m map[string]string) error {
	total := 0
	for k, v := range m {
		if len(k) == 0 || len(k) > 64 || strings.Trim(k, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return ErrMetadata.Wrap(nil, "storage: metadata key %.70q", k)
		}
		if !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return ErrMetadata.Wrap(nil, "storage: value of metadata %q", k)
		}
		total += len(k) + len(v)
	}
	if total > 2048 {
		return ErrMetadata.Wrap(nil, "storage: metadata of %d bytes", total)
	}
	return nil
}

// CheckContentType returns an error wrapping [ErrMetadata] unless mediaType has 1 to 255 bytes of
// printable ASCII: it becomes a header. Every backend's Put calls it first, with what [NewPutOptions] returned.
func CheckContentType(mediaType string) error {
	if len(mediaType) == 0 || len(mediaType) > 255 || strings.ContainsFunc(mediaType, func(r rune) bool { return r < ' ' || r > '~' }) {
		return ErrMetadata.Wrap(nil, "storage: content type %.70q", mediaType)
	}
	return nil
}
