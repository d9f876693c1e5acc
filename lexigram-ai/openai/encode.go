package openai

import (
	"encoding/base64"
	"encoding/json"

	"github.com/lexigram/lexigram-go/contracts/ai"
)

// What the API takes.
type (
	wireMessage struct {
		Role       string         `json:"role"`
		Content    any            `json:"content"` // string, []wirePart or nil
		ToolCalls  []wireToolCall `json:"tool_calls,omitempty"`
		ToolCallID string         `json:"tool_call_id,omitempty"`
	}
	wirePart struct {
		Type  string    `json:"type"`
		Text  *string   `json:"text,omitempty"`
		Image *imageURL `json:"image_url,omitempty"`
	}
	imageURL struct {
		URL string `json:"url"`
	}
	wireTool struct {
		Type     string   `json:"type"`
		Function function `json:"function"`
	}
	function struct {
		Name        string          `json:"name"`
		Description string          `json:"description,omitempty"`
		Parameters  json.RawMessage `json:"parameters,omitempty"`
	}
)

// chatBody returns the request as JSON. A map, because one of its keys is an option.
func (c *Client) chatBody(req *ai.Request, stream bool) ([]byte, error) {
	if err := ai.CheckRequest(req); err != nil {
		return nil, err
	}
	model := req.Model
	if model == "" {
		model = c.options.ChatModel
	}
	if model == "" {
		return nil, ai.ErrRequest.Wrap(nil, "openai: no model (set ChatModel, or Model of the request)")
	}
	messages, err := wireMessages(req.Messages)
	if err != nil {
		return nil, err
	}
	body := map[string]any{"model": model, "messages": messages}
	if len(req.Tools) > 0 {
		body["tools"] = wireTools(req.Tools)
	}
	if req.Temperature != nil {
		body["temperature"] = *req.Temperature
	}
	if req.MaxTokens != nil {
		body[c.options.MaxTokensField] = *req.MaxTokens
	}
	if len(req.Stop) > 0 {
		body["stop"] = req.Stop
	}
	if req.Schema != nil {
		body["response_format"] = map[string]any{
			"type":        "json_schema",
			"json_schema": map[string]any{"name": "answer", "schema": req.Schema, "strict": true},
		}
	}
	if stream {
		body["stream"] = true
		body["stream_options"] = map[string]any{"include_usage": true}
	}
	raw, err := json.Marshal(body)
	if err != nil { // a RawMessage of the caller that is not JSON
		return nil, ai.ErrRequest.Wrap(err, "openai: chat")
	}
	return raw, nil
}

func wireMessages(messages []ai.Message) ([]wireMessage, error) {
	out := make([]wireMessage, len(messages))
	for i, m := range messages {
		content, err := wireContent(m)
		if err != nil {
			return nil, err
		}
		w := wireMessage{Role: string(m.Role), Content: content, ToolCallID: m.ToolCallID}
		for _, call := range m.ToolCalls {
			args := string(call.Arguments)
			if args == "" {
				args = "{}"
			}
			w.ToolCalls = append(w.ToolCalls, wireToolCall{ID: call.ID, Type: "function", Function: functionCall{call.Name, args}})
		}
		out[i] = w
	}
	return out, nil
}

// wireContent returns a string where text is all there is: not every endpoint
// takes lists. A turn of tool calls alone has no content.
func wireContent(m ai.Message) (any, error) {
	images := false
	for _, p := range m.Parts {
		switch p.(type) {
		case ai.Text:
		case ai.Image:
			images = true
		default:
			return nil, ai.ErrRequest.Wrap(nil, "openai: part of type %T", p)
		}
	}
	if !images {
		text := m.Text()
		if text == "" && len(m.ToolCalls) > 0 {
			return nil, nil
		}
		return text, nil
	}
	parts := make([]wirePart, len(m.Parts))
	for i, p := range m.Parts {
		switch p := p.(type) {
		case ai.Text:
			text := string(p)
			parts[i] = wirePart{Type: "text", Text: &text}
		case ai.Image:
			u, err := imageAddress(p)
			if err != nil {
				return nil, err
			}
			parts[i] = wirePart{Type: "image_url", Image: &imageURL{u}}
		}
	}
	return parts, nil
}

func imageAddress(img ai.Image) (string, error) {
	if img.URL != "" {
		return img.URL, nil
	}
	if img.MediaType == "" || len(img.Data) == 0 {
		return "", ai.ErrRequest.Wrap(nil, "openai: image without URL needs Data and MediaType")
	}
	return "data:" + img.MediaType + ";base64," + base64.StdEncoding.EncodeToString(img.Data), nil
}

func wireTools(tools []ai.Tool) []wireTool {
	out := make([]wireTool, len(tools))
	for i, t := range tools {
		out[i] = wireTool{Type: "function", Function: function{t.Name, t.Description, t.Schema}}
	}
	return out
}
