package errs

import "strings"

// ErrValidation is matched by every [*ValidationError].
var ErrValidation = New("LEX_ERR_VAL_002", Invalid, "validation failed")

// A FieldError says what is wrong with one field of an input.
type FieldError struct {
	Field   string `json:"field"`   // as the sender wrote it, such as "items[2].price"
	Message string `json:"message"` // what to change, without the field's name
	Code    string `json:"code"`    // for programs; "INVALID" if nothing else fits
}

// A ValidationError collects everything that is wrong with an input. The zero
// value is ready to use; it is not safe for concurrent use.
type ValidationError struct {
	Fields []FieldError
}

// Add records that a field is wrong. An empty code is "INVALID".
func (e *ValidationError) Add(field, message, code string) {
	if code == "" {
		code = "INVALID"
	}
	e.Fields = append(e.Fields, FieldError{field, message, code})
}

// Err returns e, or nil if nothing was added.
func (e *ValidationError) Err() error {
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// Error returns every field and its message on one line.
func (e *ValidationError) Error() string {
	var b strings.Builder
	b.WriteString("validation failed")
	for i, f := range e.Fields {
		if i == 0 {
			b.WriteString(": ")
		} else {
			b.WriteString("; ")
		}
		b.WriteString(f.Field)
		b.WriteString(" ")
		b.WriteString(f.Message)
	}
	return b.String()
}

// Unwrap returns [ErrValidation].
func (e *ValidationError) Unwrap() error { return ErrValidation }
