// Package openai reaches every endpoint that speaks OpenAI's chat completions
// and embeddings: OpenAI itself, Azure's v1 API, vLLM, llama.cpp, Ollama,
// LM Studio, OpenRouter and many more.
//
//	client, err := openai.New(openai.Options{APIKey: key, ChatModel: "gpt-5-mini"})
//	answer, err := client.Complete(ctx, ai.Ask("", "Say hello."))
//
// It needs the standard library only. Redirects are not followed, so that
// neither the key nor a prompt goes to a host that nobody named.
package openai
