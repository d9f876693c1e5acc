// Package rag prepares documents for answers from sources: it cuts text into
// chunks, builds the request that has a model answer from passages only, and
// reads the citations of the answer.
//
//	req := rag.Prompt("How long does Stop wait?", passages)
//	answer, err := model.Complete(ctx, req)
//	cited := rag.Citations(answer.Message.Text()) // numbers of passages, from 1
//
// # The prompt
//
// [Prompt] makes two messages. The system message is [Instructions]. The user
// message is
//
//	<sources>
//	<source id="1" ref="docs/stop.md" title="Stopping">
//	Text of the passage.
//	</source>
//	</sources>
//	<question>
//	How long does Stop wait?
//	</question>
//
// In text and question "&" and "<" stand as "&amp;" and "&lt;"; in attributes
// so do quotes and line breaks. So a document can neither close its block nor
// open another one, whatever it holds, and [ParsePrompt] gives back exactly
// what [Prompt] was given. What a document says to the model inside its block
// is still read by the model: the instructions call it data, but no format
// can make a language model ignore it.
package rag
