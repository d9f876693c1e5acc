package ai

// A Completion is a model's answer.
type Completion struct {
	Message Message
	Model   string
	Finish  Finish
	Usage   Usage
}

// A Finish says why a model stopped.
type Finish string

const (
	FinishStop   Finish = "stop"
	FinishLength Finish = "length"
	FinishTools  Finish = "tool_calls"
	FinishFilter Finish = "content_filter"
)

// Usage counts tokens.
type Usage struct{ Input, CachedInput, Output int }

// A Chunk is a piece of a streamed answer.
type Chunk struct {
	Text      string
	Thinking  string
	ToolCalls []ToolCall // complete calls only
	Finish    Finish     // set on the last chunk, even if its text is empty
	Usage     *Usage
}
