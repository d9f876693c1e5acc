package cli

import (
	"context"
	"fmt"
)

// A Diagnosis looks for one kind of fault without starting anything: in the
// configuration, the environment, the file system.
type Diagnosis struct {
	Name  string // a lower-case word of letters, digits and dashes, unique in its contributor
	Short string // what it looks at: one line
	// Run returns every fault that it finds; nil if there is none. It changes
	// nothing, and returns when ctx ends.
	Run func(ctx context.Context) []Finding
}

// A Finding is one fault. Its texts are one line each and hold no secret.
type Finding struct {
	Warning bool   `json:"warning"` // the application works, with a loss or a risk
	Problem string `json:"problem"`
	Fix     string `json:"fix,omitempty"` // what to change; "" if Problem says it
}

// String returns one line, such as "error: sql.url: is a placeholder (set LEX_SQL__URL)".
func (f Finding) String() string {
	level := "error"
	if f.Warning {
		level = "warning"
	}
	if f.Fix == "" {
		return level + ": " + f.Problem
	}
	return fmt.Sprintf("%s: %s (%s)", level, f.Problem, f.Fix)
}
