package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// DefaultBodyLimit is the limit of [DecodeJSON], in bytes, if none is given.
const DefaultBodyLimit = 1 << 20

const maxBodyDepth = 64 // levels of objects and arrays

// DecodeJSON reads the body of r, one JSON value of at most limit bytes, into a T. It is strict: a
// field that T lacks, a field given twice, a value of another type, bytes that
// are no UTF-8 and anything after the value are refused, by an error that matches
// [ErrBody] and, where a field is to blame, holds an [errs.ValidationError] with
// its path. A body that is too large is [ErrTooLarge] (the connection is closed afterwards), one whose
// Content-Type is neither absent nor JSON [ErrMediaType]. If *T has a method
// Validate() error it is called last and its error returned as it is.
//
// limit is [DefaultBodyLimit] if it is 0; a negative one is a fault of the caller ([ErrOptions]).
func DecodeJSON[T any](w http.ResponseWriter, r *http.Request, limit int64) (T, error) {
	var v, zero T
	body, err := readJSON(w, r, limit)
	if err != nil {
		return zero, err
	}
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&v); err != nil {
		return zero, bodyError(err)
	}
	if c, ok := any(&v).(interface{ Validate() error }); ok {
		if err := errs.Catch(c.Validate); err != nil {
			return zero, err
		}
	}
	return v, nil
}

// readJSON returns a body that is well-formed.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	switch {
	case limit < 0:
		return nil, ErrOptions.Wrap(nil, "httpapi: decode body: limit %d is negative", limit)
	case limit == 0:
		limit = DefaultBodyLimit
	}
	if ct := r.Header.Get("Content-Type"); ct != "" && !isJSON(ct) {
		return nil, ErrMediaType.Wrap(nil, "httpapi: body has Content-Type %q, want application/json", ct)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLarge, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, ErrTooLarge.Wrap(nil, "httpapi: body has more than the %d bytes allowed", tooLarge.Limit)
	}
	switch {
	case err != nil:
		return nil, ErrBody.Wrap(err, "httpapi: read body")
	case len(bytes.TrimSpace(body)) == 0:
		return nil, ErrBody.Wrap(nil, "httpapi: body is empty, want JSON")
	case !utf8.Valid(body):
		return nil, ErrBody.Wrap(nil, "httpapi: body is not UTF-8")
	}
	var raw json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, bodyError(err)
	}
	s := scanner{dec: json.NewDecoder(bytes.NewReader(body))}
	s.dec.UseNumber()
	return body, s.value("", 0)
}

func isJSON(contentType string) bool {
	t, _, err := mime.ParseMediaType(contentType)
	return err == nil && (t == "application/json" || strings.HasPrefix(t, "application/") && strings.HasSuffix(t, "+json"))
}

// bodyError words an error of encoding/json for the sender.
func bodyError(err error) error {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return ErrBody.Wrap(nil, "httpapi: body is not JSON: %v at byte %d", s, s.Offset)
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fieldError(t.Field, "is "+article(t.Value)+", want "+wanted(t.Type), "TYPE")
	}
	if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		if unquoted, err := strconv.Unquote(name); err == nil {
			name = unquoted
		}
		return fieldError(name, "is not a field of this request", "UNKNOWN")
	}
	return ErrBody.Wrap(err, "httpapi: body")
}

func fieldError(field, message, code string) error {
	if field == "" {
		field = "body"
	}
	v := &errs.ValidationError{}
	v.Add(field, message, code)
	return ErrBody.Wrap(v, "httpapi: body")
}

// wanted names a Go type in the sender's words.
func wanted(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprintf("an integer of %d bits", t.Bits())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("an integer from 0 of %d bits", t.Bits())
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	default:
		return "an object"
	}
}

// article words what encoding/json calls a value: "string", "number 1.5", "bool" …
func article(value string) string {
	if value == "array" || value == "object" {
		return "an " + value
	}
	return "a " + value
}

// scanner looks for fields given twice, which encoding/json lets pass: two
// programs that read different ones of them disagree on what was asked.
type scanner struct{ dec *json.Decoder }

func (s *scanner) value(path string, depth int) error {
	tok, err := s.dec.Token()
	if err != nil {
		return bodyError(err)
	}
	open, ok := tok.(json.Delim)
	if !ok {
		return nil
	}
	if depth >= maxBodyDepth {
		return fieldError(path, fmt.Sprintf("is nested deeper than %d levels", maxBodyDepth), "DEPTH")
	}
	if open == '{' {
		err = s.object(path, depth)
	} else {
		for i := 0; err == nil && s.dec.More(); i++ {
			err = s.value(fmt.Sprintf("%s[%d]", path, i), depth+1)
		}
	}
	if err != nil {
		return err
	}
	_, err = s.dec.Token() // the closing one
	return err
}

func (s *scanner) object(path string, depth int) error {
	seen := map[string]bool{}
	for s.dec.More() {
		tok, err := s.dec.Token()
		if err != nil {
			return bodyError(err)
		}
		name := fmt.Sprint(tok)
		at := name
		if path != "" {
			at = path + "." + name
		}
		if folded := strings.Map(foldRune, name); seen[folded] { // encoding/json ignores case
			return fieldError(at, "is given twice", "DUPLICATE")
		} else {
			seen[folded] = true
		}
		if err := s.value(at, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// foldRune returns the least of the runes that encoding/json takes for r, so that "ſ" is
// "S" as "s" is.
func foldRune(r rune) rune {
	for {
		next := unicode.SimpleFold(r)
		if next <= r {
			return next
		}
		r = next
	}
}
