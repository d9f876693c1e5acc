package cli

import (
	"context"
	"io/fs"
	"strings"
)

// A GeneratorDefinition makes source files that people then own and change, such
// as a migration. The command line runs it as "gen NAME …", and writes what it
// returns.
type GeneratorDefinition struct {
	// Name is a lower-case word of letters, digits and dashes, unique in the application.
	Name string
	// Short says what it makes: one line without a period, 72 bytes at most.
	Short string
	// Long says more; "" is Short.
	Long string
	// Example holds at least one line, each a call that begins with Name.
	Example string
	// Fields says what fields are to it, such as "columns of the table"; "" takes none.
	Fields string
	// Options are its own flags.
	Options []GeneratorOption
	// Dir is the output directory unless the caller names one: a relative path
	// with slashes; "" is the working directory.
	Dir string
	// Generate returns the files. It writes nothing, returns the same for the
	// same request, and refuses what it cannot make with an error that says what
	// to change ([ErrUsage], [ErrField]).
	Generate func(ctx context.Context, req Request) ([]File, error)
}

// A GeneratorOption is a flag of a generator.
type GeneratorOption struct {
	// Name is the flag without its dashes: a lower-case word of letters, digits
	// and dashes. "fields", "output-dir", "dry-run", "force", "help" and "json"
	// belong to the command line.
	Name string
	// Letter is the short flag, or 0. f, o and h belong to the command line.
	Letter byte
	// Short says what it is for: one line.
	Short    string
	Required bool
	// Bool says that it takes no value: its text is "true" or "false".
	Bool    bool
	Default string   // if the caller says nothing; empty if Required
	OneOf   []string // the values that are allowed; nil allows all
}

// A Request is what somebody asked a generator for. The generator does not change it.
type Request struct {
	Name    string            // letters, digits, _ and -, beginning with a letter; see [Snake] and [Camel]
	Fields  []Field           // in the order given, no name twice
	Options map[string]string // of every [GeneratorOption], by name
	// Dir is what the output directory holds now, to read only: an empty one if
	// there is none.
	Dir fs.FS
}

// A Field is one field of what is generated, written "name:type[?][!unique][!fk=Model][=default]".
type Field struct {
	Name       string // a word of letters, digits and _ that begins with a letter
	Type       string // likewise; which types there are is for the generator to say
	Optional   bool   // "?": it may be absent
	Unique     bool   // "!unique"
	References string // "!fk=Model": what it names one of; "" is nothing
	Default    string // as written, if HasDefault
	HasDefault bool   // "=": there is a default, maybe an empty one
}

// A File is a file to write. Path is local to the output directory
// (filepath.IsLocal), with slashes.
type File struct {
	Path string
	Data []byte
}

// A GenerationResult says what became of the files. The paths have slashes and
// are those of the files, in their order.
type GenerationResult struct {
	Created     []string `json:"files_created"`
	Skipped     []string `json:"files_skipped"` // they existed
	Overwritten []string `json:"files_overwritten"`
}

// String returns a line for each file.
func (r GenerationResult) String() string {
	var b strings.Builder
	for _, part := range []struct {
		what  string
		paths []string
	}{{"created", r.Created}, {"overwritten", r.Overwritten}, {"skipped", r.Skipped}} {
		for _, p := range part.paths {
			b.WriteString(part.what + " " + Plain(p) + "\n")
		}
	}
	return b.String()
}
