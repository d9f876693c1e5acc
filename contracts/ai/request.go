package ai

import "encoding/json"

// A Request is one call of a model. Pointers tell "unset" from zero.
type Request struct {
	Model       string // "" is the client's default
	Messages    []Message
	Tools       []Tool
	Temperature *float64
	MaxTokens   *int
	Stop        []string
	Schema      json.RawMessage // JSON Schema that the answer must satisfy; nil for free text
}

// A Role says who speaks.
type Role string

// The roles of [Message].
const (
	System    Role = "system"
	User      Role = "user"
	Assistant Role = "assistant"
	FromTool  Role = "tool"
)

// Ask returns a request of one system and one user message; an empty system
// message is left out.
func Ask(system, user string) *Request {
	req := &Request{Messages: []Message{{Role: User, Parts: Parts{Text(user)}}}}
	if system != "" {
		req.Messages = append([]Message{{Role: System, Parts: Parts{Text(system)}}}, req.Messages...)
	}
	return req
}

// CheckRequest returns an error wrapping [ErrRequest] unless req has a message,
// every role is one of this package, and limits are in range. Every model
// calls it first.
func CheckRequest(req *Request) error {
	switch {
	case req == nil || len(req.Messages) == 0:
		return ErrRequest.Wrap(nil, "ai: request without a message")
	case req.Temperature != nil && (*req.Temperature < 0 || *req.Temperature > 2):
		return ErrRequest.Wrap(nil, "ai: temperature %v is not 0 to 2", *req.Temperature)
	case req.MaxTokens != nil && *req.MaxTokens < 1:
		return ErrRequest.Wrap(nil, "ai: max tokens %d is not positive", *req.MaxTokens)
	}
	for i, m := range req.Messages {
		switch m.Role {
		case System, User, Assistant, FromTool:
		default:
			return ErrRequest.Wrap(nil, "ai: role %q of message %d", m.Role, i)
		}
	}
	return nil
}
