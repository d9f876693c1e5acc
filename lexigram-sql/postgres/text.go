package postgres

import (
	"encoding/hex"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// textOf returns a value that a driver gets as every type reads it that can
// hold it.
func textOf(v any) (text string, valid bool) {
	switch v := v.(type) {
	case bool:
		return strconv.FormatBool(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64), true // NaN and ±Inf are read too
	case string:
		return v, true
	case []byte:
		return `\x` + hex.EncodeToString(v), true
	case time.Time:
		return v.Format("2006-01-02 15:04:05.999999Z07:00"), true
	}
	return "", false
}

// cells are an array of texts.
type cells []cell

var _ pgtype.ArrayGetter = cells(nil)

// Dimensions implements [pgtype.ArrayGetter].
func (c cells) Dimensions() []pgtype.ArrayDimension {
	return []pgtype.ArrayDimension{{Length: int32(len(c)), LowerBound: 1}}
}

// Index implements [pgtype.ArrayGetter].
func (c cells) Index(i int) any { return textCell(c[i]) }

// IndexType implements [pgtype.ArrayGetter].
func (c cells) IndexType() any { return textCell{} }

// A textCell is one of cells.
type textCell cell

// TextValue implements [pgtype.TextValuer].
func (c textCell) TextValue() (pgtype.Text, error) {
	return pgtype.Text{String: c.text, Valid: c.valid}, nil
}
