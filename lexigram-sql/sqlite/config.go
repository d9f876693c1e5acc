package sqlite

import (
	"runtime"
	"strings"
	"time"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Memory is the Path of a database that ends with its [DB].
const Memory = ":memory:"

// Config says which file to open and how. The zero value lacks a Path.
type Config struct {
	// Path names the file, which is made with mode 0600 if it is absent; its
	// directory must exist. [Memory] is a file in the system's directory for
	// temporary files that Close removes: every connection sees one database,
	// which behaves as any other does. There is no default.
	Path string `config:"path"`

	// MaxReaders is how many statements read at a time. 0 means 4, or the
	// number of processors if it is larger.
	MaxReaders int `config:"max_readers"`

	// BusyTimeout is how long a statement waits for another process that
	// writes, before it fails with sqldb.ErrSerialization. 0 means 5 s.
	BusyTimeout time.Duration `config:"busy_timeout"`

	// Synchronous is "full" (the default: a commit survives a loss of power)
	// or "normal" (several times faster; the last commits before a loss of
	// power may be gone, never a part of one; the death of the process loses nothing).
	Synchronous string `config:"synchronous"`

	// CacheStatements is how many prepared statements each connection keeps. 0 means 64.
	CacheStatements int `config:"cache_statements"`
}

// Validate implements config.Validator.
func (c *Config) Validate() error {
	var v errs.ValidationError
	if c.Path == "" {
		v.Add("path", `is empty: name a file, or ":memory:" for a database that ends with the process`, "REQUIRED")
	}
	if strings.ContainsRune(c.Path, 0) {
		v.Add("path", "holds a NUL byte", "")
	}
	if c.MaxReaders < 0 {
		v.Add("max_readers", "is negative", "")
	}
	if c.BusyTimeout < 0 {
		v.Add("busy_timeout", "is negative", "")
	}
	if c.CacheStatements < 0 {
		v.Add("cache_statements", "is negative", "")
	}
	switch c.Synchronous {
	case "", "full", "normal":
	default:
		v.Add("synchronous", `is neither "full" nor "normal"`, "")
	}
	return v.Err()
}

func (c Config) withDefaults() Config {
	if c.MaxReaders == 0 {
		c.MaxReaders = max(4, runtime.GOMAXPROCS(0))
	}
	if c.BusyTimeout == 0 {
		c.BusyTimeout = 5 * time.Second
	}
	if c.Synchronous == "" {
		c.Synchronous = "full"
	}
	if c.CacheStatements == 0 {
		c.CacheStatements = 64
	}
	return c
}
