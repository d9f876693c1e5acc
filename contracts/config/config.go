// Package config is the contract of configuration: a tree of settings that was
// merged from files and the environment, decoded strictly into structs.
//
// A module declares a struct that holds its defaults, and says so in
// module.Descriptor; nothing but the application's loader needs more:
//
//	type Config struct {
//		Path        string        `config:"path"`
//		BusyTimeout time.Duration `config:"busy_timeout"`
//		Password    config.Secret[string] `config:"password"`
//	}
package config

import "github.com/lexigram/lexigram-go/contracts/errs"

// Errors of configuration. Every one is a [*KeyError] where a key is to blame.
var (
	Err        = errs.New("LEX_ERR_CFG_001", errs.Invalid, "config")
	ErrSource  = Err.Sub("LEX_ERR_CFG_003", errs.Invalid, "config: source cannot be read")
	ErrSyntax  = Err.Sub("LEX_ERR_CFG_006", errs.Invalid, "config: malformed")
	ErrUnknown = Err.Sub("LEX_ERR_CFG_007", errs.Invalid, "config: unknown key")
	ErrValue   = Err.Sub("LEX_ERR_CFG_008", errs.Invalid, "config: wrong value")
	ErrMissing = Err.Sub("LEX_ERR_CFG_009", errs.Invalid, "config: required value is missing")
	ErrSection = Err.Sub("LEX_ERR_CFG_005", errs.NotFound, "config: no such section")
)

// A Config is a merged tree of settings. Keys are dotted paths of lower-case
// names, such as "cache.redis.addr"; "" is the root. It never changes and is
// safe for concurrent use.
type Config interface {
	// Environment says where the application runs.
	Environment() Environment
	// Lookup returns what stands under key: a string, bool, int64, float64,
	// []any, map[string]any or nil. The caller owns it. ok is false if nothing does;
	// an explicit null is nil, true.
	Lookup(key string) (value any, ok bool)
	// Decode fills into, a pointer to a struct that holds the defaults, from
	// the section under key. A section that is absent or null leaves the
	// defaults. With an error into is as it was. Maps, slices and what pointers
	// point to are filled as copies: defaults may share them.
	//
	// Fields are matched by their tag `config:"name"`, or by their name in
	// snake_case; "-" is left out. A field may be a string, bool, integer,
	// float, [time.Duration] ("1d12h30m"), encoding.TextUnmarshaler, [Secret],
	// slice, map with string keys, struct, or pointer to those. Text from the
	// environment is converted by the field's type; nothing else is.
	//
	// A field whose tag ends in ",required" must have a value: one that is zero
	// after decoding, and was given nothing, null or "", is missing. A default
	// that is not zero will do.
	//
	// Every problem is returned at once, joined, each as a [*KeyError]: a key
	// without a field ([ErrUnknown]), a value of another type or out of range
	// ([ErrValue]), a required one that is missing ([ErrMissing]), and what the
	// struct's own [Validator] says. No error shows what a [Secret] would hold.
	Decode(key string, into any) error
}

// A Validator is a configuration struct that checks itself. Decode calls it
// last, on the section and on every nested struct.
type Validator interface {
	// Validate returns what is wrong, best as an errs.ValidationError whose
	// fields are keys of the section. It must not show secrets.
	Validate() error
}
