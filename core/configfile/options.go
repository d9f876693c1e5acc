package configfile

import (
	"context"
	"os"
	"regexp"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// Limits of what is read. They are far above what people write and keep a
// hostile or mistaken file from taking the memory.
const (
	MaxFileSize = 1 << 20 // bytes of one file
	MaxDepth    = 64      // levels of mappings and lists
	MaxNodes    = 1 << 16 // values of one file, each repetition of an alias counted
)

// A File is one file to load.
type File struct {
	Path string
	// Optional says that the file may be absent. One that exists and cannot be
	// read, or is malformed, is an error all the same.
	Optional bool
}

// Options say what Load reads. The zero value reads nothing: an empty tree in
// [config.Development].
type Options struct {
	// Defaults are the lowest layer; see Overrides for what they hold.
	Defaults map[string]any
	Files    []File // a later one wins over an earlier one
	// Formats are chosen by the file's ending. nil means [JSON] alone.
	Formats []config.Format
	// EnvFiles hold environment variables, in the syntax that the package describes; a later
	// file wins over an earlier one, and the environment over them all. They are
	// also what ${NAME} finds.
	EnvFiles []File
	// EnvPrefix selects the environment variables of the application: "LEX"
	// reads LEX_*, of which LEX_ENV, or else APP_ENV, is the key "environment",
	// and LEX_PROFILE a default of Profile; LEX_FLAG_* are feature flags (core/flags) and
	// no settings. "", the default, maps no variable;
	// ${NAME} in files works without it.
	EnvPrefix string
	// Environ is the environment as "NAME=value"; nil means os.Environ. A
	// variable given twice has its last value.
	Environ []string
	// Flags are "key=value", as a repeated flag such as -set cache.size=3 gives
	// them. Values are text and converted by the type of the field, elements of
	// lists are numbered: -set cache.backends.0.type=redis. The last one of a
	// key counts.
	Flags []string
	// Overrides are values by dotted key; mappings may be nested. Strings,
	// booleans, integers, floats, [time.Duration], [Text], slices and maps with
	// string keys of those, and nil.
	Overrides map[string]any
	// Profile names the files beside Files that are merged over them:
	// application.<profile>.json for application.json. A profile of which no
	// file exists is an error; "", the default, has none.
	Profile string
	// Secrets is where ${secret:name} in files comes from; without it one is an error.
	Secrets SecretSource
	// Sections are pointers to the structs that hold the sections' defaults, by
	// key. Load does not decode them and keeps no reference to them: they tell
	// it what Dump and Explain show as defaults, and what must not show.
	Sections map[string]any

	known *knowledge // what a Reloader read off the sections, instead of Sections
}

// A SecretSource finds secrets by name, such as "database/password". It is safe for
// concurrent use. A security.SecretStore is one.
type SecretSource interface {
	// Get returns a secret. One that does not exist is an error of the kind
	// errs.NotFound. No error shows a secret.
	Get(ctx context.Context, name string) (config.Secret[string], error)
}

// Text is a default or override that is converted by the type of the field it is
// decoded into, as text of the environment is.
type Text string

var (
	envPrefixForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)
	profileForm   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)
)

// normalize returns o with its defaults, or says what is wrong with it.
func (o Options) normalize() (Options, error) {
	if o.Formats == nil {
		o.Formats = []config.Format{JSON{}}
	}
	if o.Environ == nil {
		o.Environ = os.Environ()
	}
	if o.EnvPrefix != "" {
		o.EnvPrefix = strings.TrimSuffix(o.EnvPrefix, "_")
		if !envPrefixForm.MatchString(o.EnvPrefix) {
			return o, config.ErrValue.Wrap(nil, "configfile: EnvPrefix %q is not a name such as LEX", o.EnvPrefix)
		}
	}
	return o, nil
}

// profiled returns o with the profile that the environment chooses, unless o has one.
func (o Options) profiled(lookup func(string) (string, bool)) (Options, error) {
	if o.Profile == "" && o.EnvPrefix != "" {
		o.Profile, _ = lookup(o.EnvPrefix + "_PROFILE")
	}
	if o.Profile != "" && !profileForm.MatchString(o.Profile) {
		return o, config.ErrValue.Wrap(nil, "configfile: profile %q is not a name of letters, digits, - and _", o.Profile)
	}
	return o, nil
}
