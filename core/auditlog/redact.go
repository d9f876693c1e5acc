package auditlog

import (
	"encoding/json"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/config"
)

const hidden = "***"

// redact returns e without secrets: of metadata and of Old and New what stands
// under a key that [config.IsSecretKey] knows, at any depth, and passwords inside URLs.
func redact(e audit.Entry) (audit.Entry, error) {
	if len(e.Metadata) > 0 {
		clean := make(map[string]string, len(e.Metadata))
		for key, text := range e.Metadata {
			if config.IsSecretKey(key) {
				clean[key] = hidden
			} else {
				clean[key] = config.RedactText(text)
			}
		}
		e.Metadata = clean
	}
	for _, text := range []*json.RawMessage{&e.Old, &e.New} {
		if *text == nil {
			continue
		}
		v, err := decode(*text)
		if err != nil {
			return e, err
		}
		if *text, err = encode(redactValue(v)); err != nil {
			return e, err
		}
	}
	return e, nil
}

func redactValue(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if config.IsSecretKey(key) {
				v[key] = hidden
			} else {
				v[key] = redactValue(inner)
			}
		}
	case []any:
		for i, inner := range v {
			v[i] = redactValue(inner)
		}
	case string:
		return config.RedactText(v)
	}
	return v
}
