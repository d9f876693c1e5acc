package postgres

import (
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
)

// An element is a type that values are sent in as they are.
type element struct {
	oid, array uint32
	append     func(b []byte, v any) ([]byte, bool) // false: v is not of the type
}

// elements are by the type of the column. Columns of other types are sent
// texts, which every type reads.
var elements = map[uint32]element{
	pgtype.Int2OID:        {pgtype.Int2OID, pgtype.Int2ArrayOID, appendInt2},
	pgtype.Int4OID:        {pgtype.Int4OID, pgtype.Int4ArrayOID, appendInt4},
	pgtype.Int8OID:        {pgtype.Int8OID, pgtype.Int8ArrayOID, appendInt8},
	pgtype.Float8OID:      {pgtype.Float8OID, pgtype.Float8ArrayOID, appendFloat8},
	pgtype.BoolOID:        {pgtype.BoolOID, pgtype.BoolArrayOID, appendBool},
	pgtype.ByteaOID:       {pgtype.ByteaOID, pgtype.ByteaArrayOID, appendBytea},
	pgtype.TimestamptzOID: {pgtype.TimestamptzOID, pgtype.TimestamptzArrayOID, appendTime},
	pgtype.TimestampOID:   {pgtype.TimestampOID, pgtype.TimestampArrayOID, appendTime},
	pgtype.TextOID:        texts,
	pgtype.VarcharOID:     {pgtype.VarcharOID, pgtype.VarcharArrayOID, appendString},
	pgtype.JSONOID:        {pgtype.JSONOID, pgtype.JSONArrayOID, appendString},
	pgtype.JSONBOID:       {pgtype.JSONBOID, pgtype.JSONBArrayOID, appendJSONB},
}

var texts = element{pgtype.TextOID, pgtype.TextArrayOID, appendText}

// appendArray appends values as an array of e in the protocol's binary format,
// or returns false because one of them is not of the type.
func (e element) appendArray(b []byte, values []any) ([]byte, bool) {
	for _, n := range [...]uint32{1, 1, e.oid, uint32(len(values)), 1} { // dimensions, NULLs, type, length, first index
		b = binary.BigEndian.AppendUint32(b, n)
	}
	for _, v := range values {
		var ok bool
		if b, ok = e.appendSized(b, v); !ok {
			return nil, false
		}
	}
	return b, true
}

// appendSized appends v with its length before it; that of NULL is -1.
func (e element) appendSized(b []byte, v any) (_ []byte, ok bool) {
	at := len(b)
	if b = binary.BigEndian.AppendUint32(b, math.MaxUint32); v == nil {
		return b, true
	}
	if b, ok = e.append(b, v); ok {
		binary.BigEndian.PutUint32(b[at:], uint32(len(b)-at-4))
	}
	return b, ok
}

func appendInt2(b []byte, v any) ([]byte, bool) {
	n, ok := v.(int64)
	return binary.BigEndian.AppendUint16(b, uint16(n)), ok && n == int64(int16(n))
}

func appendInt4(b []byte, v any) ([]byte, bool) {
	n, ok := v.(int64)
	return binary.BigEndian.AppendUint32(b, uint32(n)), ok && n == int64(int32(n))
}

func appendString(b []byte, v any) ([]byte, bool) {
	s, ok := v.(string)
	return append(b, s...), ok
}

// appendJSONB appends the version of the format first.
func appendJSONB(b []byte, v any) ([]byte, bool) {
	return appendString(append(b, 1), v)
}

func appendInt8(b []byte, v any) ([]byte, bool) {
	n, ok := v.(int64)
	return binary.BigEndian.AppendUint64(b, uint64(n)), ok
}

func appendFloat8(b []byte, v any) ([]byte, bool) {
	f, ok := v.(float64)
	return binary.BigEndian.AppendUint64(b, math.Float64bits(f)), ok
}

func appendBool(b []byte, v any) ([]byte, bool) {
	t, ok := v.(bool)
	if t {
		return append(b, 1), ok
	}
	return append(b, 0), ok
}

func appendBytea(b []byte, v any) ([]byte, bool) {
	s, ok := v.([]byte)
	return append(b, s...), ok
}

// epoch is the first instant of the year 2000, from which the server counts.
const epoch = 946_684_800_000_000

func appendTime(b []byte, v any) ([]byte, bool) {
	t, ok := v.(time.Time)
	return binary.BigEndian.AppendUint64(b, uint64(t.UnixMicro()-epoch)), ok
}

// appendText appends any value as every type reads it that can hold it.
func appendText(b []byte, v any) ([]byte, bool) {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v), true
	case int64:
		return strconv.AppendInt(b, v, 10), true
	case float64:
		return strconv.AppendFloat(b, v, 'g', -1, 64), true // NaN and ±Inf are read too
	case string:
		return append(b, v...), true
	case []byte:
		return hex.AppendEncode(append(b, `\x`...), v), true
	case time.Time:
		return v.AppendFormat(b, "2006-01-02 15:04:05.999999Z07:00"), true
	}
	return b, false
}
