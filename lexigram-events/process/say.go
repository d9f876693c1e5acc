package process

import "github.com/lexigram/lexigram-go/lexigram-events/internal/oneline"

// because is the reason of an instance of which a step failed.
func because(step, failure string) string { return oneline.Clip("step \"" + step + "\": " + failure) }

// sayOf returns the text of an error as it is kept.
func sayOf(err error) string { return oneline.Clip(err.Error()) }

// A failure is the error of an instance: the text that was recorded, and the
// error that this process saw, if it did.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.err }
