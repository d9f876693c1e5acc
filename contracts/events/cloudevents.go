package events

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MediaType is the Content-Type of one event in the structured mode of CloudEvents 1.0.
const MediaType = "application/cloudevents+json"

// Names that fields of an [Event] have as headers; without the prefix they are
// those of attributes of CloudEvents and its extensions.
const (
	prefix     = "ce-"
	attrSpec   = "ce-specversion"
	attrID     = "ce-id"
	attrSource = "ce-source"
	attrType   = "ce-type"
	attrTime   = "ce-time"
	attrFormat = "ce-datacontenttype"
	attrKey    = "ce-partitionkey"
	attrSchema = "ce-schemaversion"
	attrOther  = "ce-lexheaders" // a URL query of the headers that are no attributes
)

// WriteHeaders adds to h the headers of ev in the binary mode of CloudEvents 1.0,
// whose message body is ev.Data. ev is one that [Check] accepts. The names are
// "ce-" and "id", "source", "type", "time" (UTC), "datacontenttype" (Format),
// "partitionkey" (Key), "schemaversion" (Schema) and those of ev.Headers; headers
// that cannot be attributes are all in "ce-lexheaders". Values are
// percent-encoded, as the bindings for NATS and HTTP say; that for HTTP wants
// Format as Content-Type, too.
func WriteHeaders(h map[string][]string, ev Event) {
	values := make([]string, 0, 16) // one allocation for most events
	eachAttribute(&ev, func(name, value string) {
		values = append(values, escape(value))
		h[name] = values[len(values)-1 : len(values) : len(values)]
	})
}

// AppendJSON appends ev in the JSON format of CloudEvents 1.0 and returns the
// extended buffer. ev is one that [Check] accepts; the names are those of
// [WriteHeaders] without "ce-". If Format says JSON, Data is in "data" byte for
// byte; what is not JSON is in "data_base64".
func AppendJSON(dst []byte, ev Event) []byte {
	eachAttribute(&ev, func(name, value string) {
		dst = append(dst, ',')
		if name == attrSpec { // the first
			dst[len(dst)-1] = '{'
		}
		dst = append(appendString(dst, name[len(prefix):]), ':')
		if name == attrSchema && ev.Schema <= math.MaxInt32 { // an Integer of CloudEvents
			dst = append(dst, value...)
		} else {
			dst = appendString(dst, value)
		}
	})
	switch {
	case len(ev.Data) == 0:
	case isJSON(ev.Format) && embeds(ev.Data):
		dst = append(append(dst, `,"data":`...), ev.Data...)
	default:
		dst = append(dst, `,"data_base64":"`...)
		dst = append(base64.StdEncoding.AppendEncode(dst, ev.Data), '"')
	}
	return append(dst, '}')
}

// Parse returns the event of a message with the headers h, whose names may be
// in any case, and the body: in structured mode if Content-Type is [MediaType],
// and otherwise in binary mode, where the event keeps body. Headers that are not
// those of CloudEvents are ignored. What is no event, and what [Check] refuses,
// is an error wrapping [ErrInvalid].
func Parse(h map[string][]string, body []byte) (Event, error) {
	ev := Event{Data: body}
	spec, contentType := "", ""
	for name, values := range h {
		if len(values) == 0 {
			continue
		}
		name = strings.ToLower(name)
		if name == "content-type" {
			contentType = values[0]
		}
		if !strings.HasPrefix(name, prefix) {
			continue
		}
		value, err := unescape(values[0])
		if err != nil {
			return Event{}, ErrInvalid.Wrap(err, "events: header %.70q", name)
		}
		if err := ev.set(name, value, &spec); err != nil {
			return Event{}, err
		}
	}
	if mediaType(contentType) == MediaType {
		return ParseJSON(body)
	}
	if ev.Format == "" {
		ev.Format = contentType // as the binding for HTTP has it
	}
	return ev.parsed(spec)
}

// ParseJSON returns the event that b is the JSON format of. Attributes that are
// numbers or true or false become strings. What is no event, and what [Check]
// refuses, is an error wrapping [ErrInvalid].
func ParseJSON(b []byte) (Event, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(b, &members); err != nil {
		return Event{}, ErrInvalid.Wrap(err, "events: structured event")
	}
	var ev Event
	var spec, encoded string
	for name, raw := range members {
		if raw[0] == 'n' || name == "data" { // null is absent
			continue
		}
		value := string(raw)
		err := error(nil)
		if raw[0] == '"' {
			err = json.Unmarshal(raw, &value)
		} else if raw[0] == '{' || raw[0] == '[' {
			err = errors.New("it is neither a string nor a number nor true or false")
		}
		switch {
		case err != nil:
			return Event{}, ErrInvalid.Wrap(err, "events: attribute %.70q", name)
		case name == "data_base64":
			encoded = value
		default:
			err = ev.set(prefix+name, value, &spec)
		}
		if err != nil {
			return Event{}, err
		}
	}
	data, inline := members["data"]
	var err error
	switch {
	case inline && encoded != "":
		err = errors.New("there are both data and data_base64")
	case !inline:
		ev.Data, err = base64.StdEncoding.DecodeString(encoded)
	case data[0] == '"' && !isJSON(ev.Format):
		var text string
		err = json.Unmarshal(data, &text)
		ev.Data = []byte(text)
	default:
		ev.Data = data
	}
	if err != nil {
		return Event{}, ErrInvalid.Wrap(err, "events: data of structured event %.40q", ev.ID)
	}
	return ev.parsed(spec)
}

// eachAttribute calls yield for what ev has, its data apart.
func eachAttribute(ev *Event, yield func(name, value string)) {
	yield(attrSpec, "1.0")
	yield(attrID, ev.ID)
	yield(attrSource, ev.Source)
	yield(attrType, ev.Type)
	if !ev.Time.IsZero() {
		yield(attrTime, ev.Time.UTC().Format(time.RFC3339Nano))
	}
	if ev.Format != "" {
		yield(attrFormat, ev.Format)
	}
	if ev.Key != "" {
		yield(attrKey, ev.Key)
	}
	if ev.Schema != 0 {
		yield(attrSchema, strconv.Itoa(ev.Schema))
	}
	other := url.Values{}
	for name, value := range ev.Headers {
		attr := prefix + name
		switch attr {
		case attrSpec, attrID, attrSource, attrType, attrTime, attrFormat, attrKey, attrSchema, attrOther, "ce-data":
			other.Set(name, value)
			continue
		}
		if strings.ContainsAny(name, "-_") {
			other.Set(name, value)
		} else {
			yield(attr, value)
		}
	}
	if len(other) > 0 {
		yield(attrOther, other.Encode())
	}
}

// set gives ev, or spec, what an attribute says.
func (ev *Event) set(name, value string, spec *string) (err error) {
	switch name {
	case attrSpec:
		*spec = value
	case attrID:
		ev.ID = value
	case attrSource:
		ev.Source = value
	case attrType:
		ev.Type = value
	case attrTime:
		ev.Time, err = time.Parse(time.RFC3339Nano, value)
	case attrFormat:
		ev.Format = value
	case attrKey:
		ev.Key = value
	case attrSchema:
		ev.Schema, err = strconv.Atoi(value)
	case attrOther:
		var other url.Values
		other, err = url.ParseQuery(value)
		for name := range other {
			err = errors.Join(err, ev.setHeader(name, other.Get(name)))
		}
	default:
		err = ev.setHeader(name[len(prefix):], value)
	}
	if err != nil {
		return ErrInvalid.Wrap(err, "events: attribute %.70q is %.70q", name[len(prefix):], value)
	}
	return nil
}

func (ev *Event) setHeader(name, value string) error {
	if _, ok := ev.Headers[name]; ok {
		return errors.New("it is there twice")
	}
	if ev.Headers == nil {
		ev.Headers = make(map[string]string, 4)
	}
	ev.Headers[name] = value
	return nil
}

// parsed returns ev if it is an event.
func (ev *Event) parsed(spec string) (Event, error) {
	if spec != "1.0" {
		return Event{}, ErrInvalid.Wrap(nil, "events: specversion of event %.40q is %.40q, not 1.0", ev.ID, spec)
	}
	if len(ev.Data) == 0 {
		ev.Data = nil
	}
	if err := Check(*ev); err != nil {
		return Event{}, err
	}
	return *ev, nil
}

// escape percent-encodes what is not printable ASCII, and space, quote and percent.
func escape(s string) string {
	needs := func(c byte) bool { return c <= ' ' || c >= 0x7f || c == '"' || c == '%' }
	for i := range len(s) {
		if !needs(s[i]) {
			continue
		}
		b := append(make([]byte, 0, len(s)+8), s[:i]...)
		for _, c := range []byte(s[i:]) {
			if needs(c) {
				const hex = "0123456789ABCDEF"
				b = append(b, '%', hex[c>>4], hex[c&15])
			} else {
				b = append(b, c)
			}
		}
		return string(b)
	}
	return s
}

// unescape also takes off the quotes that the binding for HTTP allows around a value.
func unescape(s string) (string, error) {
	if strings.HasPrefix(s, `"`) {
		if q, err := strconv.Unquote(s); err == nil {
			s = q
		}
	}
	return url.PathUnescape(s)
}

func appendString(dst []byte, s string) []byte {
	b, _ := json.Marshal(s) // of a string, which cannot fail
	return append(dst, b...)
}

// mediaType returns s without its parameters.
func mediaType(s string) string {
	s, _, _ = strings.Cut(s, ";")
	return strings.ToLower(strings.TrimSpace(s))
}

func isJSON(format string) bool {
	m := mediaType(format)
	return m == "" || strings.HasSuffix(m, "/json") || strings.HasSuffix(m, "+json")
}

// embeds reports whether data comes back from within an object byte for byte:
// it is JSON, and far less deep than readers go.
func embeds(data []byte) bool {
	return utf8.Valid(data) && len(bytes.TrimSpace(data)) == len(data) && json.Valid(data) &&
		bytes.Count(data, []byte("{"))+bytes.Count(data, []byte("[")) < 5000
}
