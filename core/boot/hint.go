package boot

import (
	"errors"
	"slices"
	"strconv"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
)

// An offer is what a candidate of a choice exports.
type offer struct {
	choice, candidate string
	has               []di.Key // the candidate's own exports
	exports           []di.Key // those of the choice
}

// A hintError is a problem of the graph with a way out that only the one who
// knows the choices can tell.
type hintError struct {
	problem *container.Problem
	hint    string
}

func (h *hintError) Error() string { return h.problem.Error() + "; " + h.hint }
func (h *hintError) Unwrap() error { return h.problem }

// hint adds to problems of services that nobody offers which candidate has them.
func hint(err error, offers []offer) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, hint(e, offers))
		}
		return errors.Join(all...)
	}
	p, ok := err.(*container.Problem)
	if !ok || p.Sentinel != error(di.ErrMissing) && p.Sentinel != error(di.ErrHidden) {
		return err
	}
	for _, o := range offers {
		if slices.Contains(o.has, p.Key) && !slices.Contains(o.exports, p.Key) {
			return &hintError{p, "candidate " + strconv.Quote(o.candidate) + " of the choice " + strconv.Quote(o.choice) +
				" has it, and a choice exports what all its candidates export: add that module by itself, or export it from all of them"}
		}
	}
	return err
}
