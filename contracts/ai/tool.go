package ai

import "encoding/json"

// A Tool is what a model may call. Schema is the JSON Schema of its arguments.
type Tool struct {
	Name, Description string
	Schema            json.RawMessage
}

// A ToolCall is a model's wish to call a tool.
type ToolCall struct {
	ID, Name  string
	Arguments json.RawMessage
}
