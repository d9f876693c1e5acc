package auditlog

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// A checksum is "<schema>:<ID of the key>:<hex of HMAC-SHA256>". The HMAC is over the
// canonical text of the entry, its key derived from that of the source by HKDF-SHA256
// for this use. A field that a later version of this package adds is part of another schema.
const schema = "v1"

const timeFormat = "2006-01-02T15:04:05.000000Z"

// canonical returns the text that a checksum is over: JSON without white space, its
// keys sorted at every level and numbers with the digits they were given. Empty fields
// are left out, so that a store may keep them as null.
func canonical(e audit.Entry) ([]byte, error) {
	fields := map[string]any{"entry_schema_version": schema}
	for name, text := range map[string]string{
		"id": e.ID, "action": e.Action, "actor_id": e.Actor, "outcome": string(e.Outcome), "severity": string(e.Severity),
		"occurred_at": e.Time.UTC().Format(timeFormat), "resource_type": e.ResourceType, "resource_id": e.ResourceID,
		"source": e.Source, "tenant_id": string(e.Tenant), "correlation_id": e.CorrelationID, "causation_id": e.CausationID,
		"command_payload_hash": hex.EncodeToString(e.PayloadHash), "chain": e.Chain, "previous_checksum": e.Previous,
	} {
		if text != "" {
			fields[name] = text
		}
	}
	if e.PayloadSize != 0 {
		fields["payload_size_bytes"] = e.PayloadSize
	}
	if e.Seq != 0 {
		fields["seq"] = e.Seq
	}
	if !e.Expires.IsZero() {
		fields["expires_at"] = e.Expires.UTC().Format(timeFormat)
	}
	if len(e.Metadata) > 0 {
		fields["metadata"] = e.Metadata
	}
	for name, text := range map[string]json.RawMessage{"old_values": e.Old, "new_values": e.New} {
		if text == nil {
			continue
		}
		v, err := decode(text)
		if err != nil {
			return nil, err
		}
		fields[name] = v
	}
	return encode(fields)
}

// decode keeps the digits of numbers.
func decode(text []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	return v, d.Decode(&v)
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// checksum returns the checksum of e, whatever its Checksum is.
func checksum(e audit.Entry, k security.Key) (string, error) {
	text, err := canonical(e)
	if err != nil {
		return "", err
	}
	key, err := hkdf.Key(sha256.New, k.Bytes.Reveal(), nil, "lexigram/audit/v1", sha256.Size)
	if err != nil {
		return "", err
	}
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	return schema + ":" + k.ID + ":" + hex.EncodeToString(mac.Sum(nil)), nil
}

// keyID returns the ID of the key that a checksum was made with.
func keyID(checksum string) (id string, ok bool) {
	version, rest, _ := strings.Cut(checksum, ":")
	id, _, ok = strings.Cut(rest, ":")
	return id, ok && version == schema
}
