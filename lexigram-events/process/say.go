package process

import (
	"strings"
	"unicode/utf8"
)

// because is the reason of an instance of which a step failed.
func because(step, failure string) string { return clip("step \"" + step + "\": " + failure) }

// sayOf returns the text of an error as it is kept.
func sayOf(err error) string { return clip(err.Error()) }

// clip returns as much of s as is kept, on one line.
func clip(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	const most = 1000
	if len(s) > most {
		s = s[:most]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return s
}

// A failure is the error of an instance: the text that was recorded, and the
// error that this process saw, if it did.
type failure struct {
	text string
	err  error
}

func (f *failure) Error() string { return f.text }

func (f *failure) Unwrap() error { return f.err }
