package storage

// Preconditions of a write, which hold at the step that replaces the blob, so
// that of many writers with one precondition exactly one succeeds. The zero
// value asks for nothing; IfMatch and IfAbsent together never hold.
type Preconditions struct {
	IfMatch  string // the blob has this ETag; without a blob it does not hold
	IfAbsent bool   // there is no blob
}

// PutOptions, OpenOptions and DeleteOptions are what the options of one call add up to.
type (
	PutOptions struct {
		Preconditions
		ContentType string
		Metadata    map[string]string
		SizeHint    int64 // 0 if unknown
	}
	OpenOptions struct {
		Offset, Length int64  // Length 0 reads to the end
		IfMatch        string // only if the blob still has this ETag: a read that goes on
	}
	DeleteOptions struct {
		IfMatch string // errors.ErrUnsupported where the store cannot
	}

	PutOption    func(*PutOptions)
	OpenOption   func(*OpenOptions)
	DeleteOption func(*DeleteOptions)
)

// ContentType sets the blob's content type; "" means application/octet-stream.
// See [CheckContentType].
func ContentType(mediaType string) PutOption {
	return func(o *PutOptions) { o.ContentType = mediaType }
}

// Metadata sets the blob's metadata; see [CheckMetadata]. The store copies m.
func Metadata(m map[string]string) PutOption { return func(o *PutOptions) { o.Metadata = m } }

// SizeHint says how many bytes the reader will probably give.
func SizeHint(n int64) PutOption { return func(o *PutOptions) { o.SizeHint = n } }

// IfAbsent asks that there is no blob.
func IfAbsent() PutOption { return func(o *PutOptions) { o.IfAbsent = true } }

// IfMatch asks that the blob that is replaced has this ETag.
func IfMatch(etag string) PutOption { return func(o *PutOptions) { o.IfMatch = etag } }

// Require asks for pre.
func Require(pre Preconditions) PutOption { return func(o *PutOptions) { o.Preconditions = pre } }

// Range reads length bytes from offset; a length of 0 reads to the end. An
// offset of more than the size is [ErrRange], and so is a negative number; the
// size itself is an empty range, and a length beyond the end reads to the end.
func Range(offset, length int64) OpenOption {
	return func(o *OpenOptions) { o.Offset, o.Length = offset, length }
}

// OpenIfMatch opens the blob only if it still has this ETag.
func OpenIfMatch(etag string) OpenOption { return func(o *OpenOptions) { o.IfMatch = etag } }

// DeleteIfMatch deletes the blob only if it still has this ETag.
func DeleteIfMatch(etag string) DeleteOption { return func(o *DeleteOptions) { o.IfMatch = etag } }

// NewPutOptions adds opts up; for implementers.
func NewPutOptions(opts ...PutOption) (o PutOptions) {
	for _, opt := range opts {
		opt(&o)
	}
	if o.ContentType == "" {
		o.ContentType = "application/octet-stream"
	}
	return o
}

// NewOpenOptions adds opts up; for implementers.
func NewOpenOptions(opts ...OpenOption) (o OpenOptions) {
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// NewDeleteOptions adds opts up; for implementers.
func NewDeleteOptions(opts ...DeleteOption) (o DeleteOptions) {
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// Range returns the part of a blob of size bytes that o asks for, or an error
// wrapping [ErrRange]; for implementers. Before the size is known, call it with
// math.MaxInt64 to refuse negative numbers.
func (o OpenOptions) Range(size int64) (offset, length int64, err error) {
	if o.Offset < 0 || o.Length < 0 || o.Offset > size {
		return 0, 0, ErrRange.Wrap(nil, "storage: range of %d bytes at %d of %d", o.Length, o.Offset, size)
	}
	length = size - o.Offset
	if o.Length > 0 {
		length = min(length, o.Length)
	}
	return o.Offset, length, nil
}

// Check returns what [CheckContentType] and [CheckMetadata] say; for implementers.
func (o PutOptions) Check() error {
	if err := CheckContentType(o.ContentType); err != nil {
		return err
	}
	return CheckMetadata(o.Metadata)
}
