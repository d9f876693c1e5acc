package container

import (
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// A CloseError says which value could not be released. It matches [di.Err] and
// everything that Err matches, whose kind it has.
type CloseError struct {
	Key    di.Key
	Module string // "" for the application itself
	Err    error  // what Close returned, or an errs.PanicError
}

// Error returns one line, such as `di: close sqldb.DB (module "sqlite"): disk full`.
func (c *CloseError) Error() string {
	where := ""
	if c.Module != "" {
		where = " (module " + strconv.Quote(c.Module) + ")"
	}
	return "di: close " + c.Key.String() + where + ": " + c.Err.Error()
}

// Unwrap returns the cause and [di.Err], in this order, so that the kind is the cause's.
func (c *CloseError) Unwrap() []error { return []error{c.Err, di.Err} }
