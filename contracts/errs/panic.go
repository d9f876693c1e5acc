package errs

import (
	"fmt"
	"runtime/debug"
	"strings"
)

// ErrPanic is matched by every [*PanicError].
var ErrPanic = New("LEX_ERR_CORE_002", Internal, "panic")

// A PanicError is a panic of user code, a handler, hook, loader or tool, that
// was caught at the boundary that called it.
type PanicError struct {
	Value any    // what panic was given
	Stack []byte // of the goroutine that panicked
}

// Error returns one line; the stack is in the field.
func (e *PanicError) Error() string {
	line, _, _ := strings.Cut(fmt.Sprint(e.Value), "\n")
	return "panic: " + line
}

// Unwrap returns [ErrPanic], and the value if it is an error.
func (e *PanicError) Unwrap() []error {
	if err, ok := e.Value.(error); ok {
		return []error{ErrPanic, err}
	}
	return []error{ErrPanic}
}

// Catch calls fn and returns its error, or a [*PanicError] if it panics.
// runtime.Goexit passes through.
func Catch(fn func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return fn()
}
