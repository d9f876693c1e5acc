package ai

import "encoding/json"

// A Message is a turn of a conversation.
type Message struct {
	Role           Role
	Parts          Parts
	ThinkingBlocks []json.RawMessage // of an assistant's turn: the provider's own, sent back as they are
	ToolCalls      []ToolCall        // of an assistant's turn
	ToolCallID     string            // of a tool's turn: the call it answers
	CacheHint      bool              // the prefix up to here is worth caching by the provider
}

// Text returns the text parts joined.
func (m Message) Text() string {
	var b []byte
	for _, p := range m.Parts {
		if t, ok := p.(Text); ok {
			b = append(b, t...)
		}
	}
	return string(b)
}

// A Part is a piece of a message: [Text] or [Image].
type Part interface{ isPart() }

// Parts are the pieces of a message. In JSON they are a list of objects with a "type".
type Parts []Part

type jsonPart struct {
	Type      string `json:"type"` // "text" or "image"
	Text      string `json:"text,omitempty"`
	URL       string `json:"url,omitempty"`
	MediaType string `json:"media_type,omitempty"`
	Data      []byte `json:"data,omitempty"`
}

// MarshalJSON returns the list, or an error wrapping [ErrRequest] for a nil part.
func (ps Parts) MarshalJSON() ([]byte, error) {
	out := make([]jsonPart, len(ps))
	for i, p := range ps {
		switch p := p.(type) {
		case Text:
			out[i] = jsonPart{Type: "text", Text: string(p)}
		case Image:
			out[i] = jsonPart{Type: "image", URL: p.URL, MediaType: p.MediaType, Data: p.Data}
		default:
			return nil, ErrRequest.Wrap(nil, "ai: part of type %T", p)
		}
	}
	return json.Marshal(out)
}

// UnmarshalJSON reads such a list. Another type of part is an error wrapping [ErrRequest].
func (ps *Parts) UnmarshalJSON(b []byte) error {
	var in []jsonPart
	if err := json.Unmarshal(b, &in); err != nil {
		return err
	}
	*ps = make(Parts, len(in))
	for i, p := range in {
		switch p.Type {
		case "text":
			(*ps)[i] = Text(p.Text)
		case "image":
			(*ps)[i] = Image{URL: p.URL, MediaType: p.MediaType, Data: p.Data}
		default:
			return ErrRequest.Wrap(nil, "ai: part of type %q is neither text nor image", p.Type)
		}
	}
	return nil
}

// Text is a part of plain text.
type Text string

// An Image is a part that a model looks at: at its URL, or in Data.
type Image struct {
	URL, MediaType string
	Data           []byte // used if URL is ""
}

func (Text) isPart()  {}
func (Image) isPart() {}
