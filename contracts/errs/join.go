package errs

import (
	"errors"
	"strings"
)

// Join is [errors.Join] with a text of one line: "a; b".
func Join(all ...error) error {
	err := errors.Join(all...)
	if err == nil {
		return nil
	}
	return &joined{err.(interface{ Unwrap() []error }).Unwrap()}
}

type joined struct{ all []error }

func (j *joined) Error() string {
	texts := make([]string, len(j.all))
	for i, err := range j.all {
		texts[i] = strings.ReplaceAll(err.Error(), "\n", "; ") // of errors.Join
	}
	return strings.Join(texts, "; ")
}

func (j *joined) Unwrap() []error { return j.all }
