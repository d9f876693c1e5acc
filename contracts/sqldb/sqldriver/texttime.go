package sqldriver

import (
	"fmt"
	"time"
)

// timeFormat is how times are stored by a database without a type for them: text that sorts as the instants do, and
// that SQLite's date functions read. CURRENT_TIMESTAMP sorts among it.
const timeFormat = "2006-01-02 15:04:05.000000Z"

// FormatTime returns t as [ParseTime] reads it and SQLite's functions do. Such
// texts sort as the instants.
func FormatTime(t time.Time) string { return t.UTC().Format(timeFormat) }

// otherFormats are what SQLite's functions and other programs write.
var otherFormats = [...]string{
	"2006-01-02 15:04:05.999999999",
	"2006-01-02 15:04:05.999999999Z07:00",
	time.RFC3339Nano,
	"2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04",
	time.DateOnly,
}

// ParseTime reads a stored time; one without a zone is in UTC.
func ParseTime(s string) (time.Time, error) {
	if isTime(s) {
		if t, err := time.Parse(timeFormat, s); err == nil {
			return t.UTC(), nil
		}
	}
	for _, f := range otherFormats {
		if t, err := time.Parse(f, s); err == nil {
			return t.UTC().Truncate(time.Microsecond), nil
		}
	}
	return time.Time{}, fmt.Errorf("%.40q is not a time", s)
}

// isTime reports whether s has the shape that FormatTime gives.
func isTime(s string) bool {
	return len(s) == len(timeFormat) && s[4] == '-' && s[10] == ' ' && s[19] == '.' && s[26] == 'Z'
}
