package logkit

import (
	"net/http"
	"net/url"

	"github.com/lexigram/lexigram-go/contracts/config"
)

// redactNamed handles the standard library's own types that carry secrets.
func redactNamed(v any, depth int) any {
	switch v := v.(type) {
	case http.Header:
		return redactAny(map[string][]string(v), depth)
	case url.Values:
		return redactAny(map[string][]string(v), depth)
	case *url.URL:
		if v == nil {
			return v
		}
		return config.RedactText(v.Redacted())
	case url.URL:
		return config.RedactText(v.Redacted())
	case []byte:
		if text := config.RedactText(string(v)); text != string(v) {
			return text // as the text handler writes them
		}
		return v
	default:
		return redactReflected(v, depth)
	}
}
