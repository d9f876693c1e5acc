package filestorage

import "github.com/lexigram/lexigram-go/contracts/errs"

// A Config says where blobs are kept.
type Config struct {
	// Dir is the directory; it is made, with its parents, if it is not there.
	// Nothing else may be kept in it. Required.
	Dir string `config:"dir"`
	// NoSync leaves out every fsync: Put is several times as fast, the old or the
	// new blob still stands after a crash of the process, but a crash of the
	// machine may lose or damage blobs that were put shortly before. Damaged
	// ones are storage.ErrCorrupt, never wrong bytes.
	NoSync bool `config:"no_sync"`
}

// Validate returns an [errs.ValidationError] if Dir is missing.
func (c Config) Validate() error {
	var v errs.ValidationError
	if c.Dir == "" {
		v.Add("dir", "is required: name the directory that holds the blobs", "REQUIRED")
	}
	return v.Err()
}
