// Package hashembed is an [ai.Embedder] that needs no model, no network and no
// data: it hashes the words and the character n-grams of a text into a vector
// (Weinberger et al., "Feature Hashing for Large Scale Multitask Learning", 2009).
//
// It is lexical, not semantic: texts are near each other when they share words,
// forms of words, parts of identifiers or spelling. "car" and "automobile" are
// strangers to it. It is meant as the embedded default of applications that
// run without a model, for tests, and as a baseline that a real model must beat.
//
// A vector depends on nothing but the text, its length and [ModelName]: not on
// the process, the platform or what was embedded before. What would change
// vectors changes ModelName too.
package hashembed
