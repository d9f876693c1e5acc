// Package ai is the contract between code that uses language models and the
// clients that reach them.
package ai
