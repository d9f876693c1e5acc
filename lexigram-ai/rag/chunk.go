package rag

import (
	"strings"
	"unicode/utf8"
)

// Defaults and bounds of [Options].
const (
	DefaultSize    = 1200
	DefaultOverlap = 150
	MinSize        = 16
)

// Options say how [Chunks] cuts. The zero value is the documented default.
type Options struct {
	Size    int // bytes of a chunk at most; 0 means [DefaultSize], less than [MinSize] is MinSize
	Overlap int // bytes that a chunk repeats at most; 0 means [DefaultOverlap], negative none, more than a third of Size is a third
}

// A Chunk is text[Start:End] of the text that was cut.
type Chunk struct {
	Start, End int
	Text       string
}

// Chunks cuts text where it hurts least: at the end of a paragraph, else of a
// sentence, of a line, of a word, and at last between two characters, never
// inside one. Chunks come in order; all of text but space is in one of them,
// and none is empty, longer than Size, or begins or ends with space. One that
// does not begin with a paragraph repeats the end of its forerunner, from the
// beginning of a sentence or a word, by at most Overlap. There are at most 1 + 6·len(text)/Size of
// them. Invalid UTF-8 is carried along. Text shares text's memory.
func Chunks(text string, o Options) []Chunk {
	o = o.defaults()
	var out []Chunk
	covered := 0 // all before it is in a chunk
	for at := skipSpace(text, 0); at < len(text); {
		end := len(text)
		if at+o.Size < end {
			end = cut(text, at, at+o.Size)
		}
		body := strings.TrimRight(text[at:end], space)
		if at+len(body) > covered {
			out = append(out, Chunk{at, at + len(body), body})
			covered = end
		}
		if end == len(text) {
			break
		}
		at = skipSpace(text, resume(text, at, end, o.Overlap))
	}
	return out
}

func (o Options) defaults() Options {
	if o.Size == 0 {
		o.Size = DefaultSize
	}
	o.Size = max(o.Size, MinSize)
	if o.Overlap == 0 {
		o.Overlap = DefaultOverlap
	}
	o.Overlap = max(0, min(o.Overlap, o.Size/3))
	return o
}

const space = " \t\r\n"

func skipSpace(text string, at int) int {
	return len(text) - len(strings.TrimLeft(text[at:], space))
}

// cut returns where to end the chunk that begins at start and may reach limit:
// in the second half of it, at the best break there is.
func cut(text string, start, limit int) int {
	half := start + (limit-start)/2
	window := text[half:limit]
	if i := strings.LastIndex(window, "\n\n"); i >= 0 {
		return half + i + 1
	}
	if i := lastSentence(text[half:min(limit+1, len(text))]); i > 0 {
		return half + i
	}
	if i := strings.LastIndexByte(window, '\n'); i >= 0 {
		return half + i + 1
	}
	if i := strings.LastIndexAny(window, " \t"); i >= 0 {
		return half + i + 1
	}
	for i := limit; i > limit-utf8.UTFMax; i-- {
		if utf8.RuneStart(text[i]) {
			return i
		}
	}
	return limit // not UTF-8
}

// lastSentence returns the offset after the last mark in s that ends a sentence
// and is followed by space, or 0.
func lastSentence(s string) int {
	for i := len(s) - 2; i >= 0; i-- {
		if strings.IndexByte(".!?", s[i]) >= 0 && strings.IndexByte(space, s[i+1]) >= 0 {
			return i + 1
		}
	}
	if i := strings.LastIndex(s, "。"); i >= 0 && i+3 < len(s) {
		return i + 3
	}
	return 0
}

// resume returns where the chunk after [start:end] begins: overlap bytes before
// end, moved on to the next sentence or at least word, and never back to start.
// A paragraph needs no overlap.
func resume(text string, start, end, overlap int) int {
	from := max(end-overlap, start+1)
	if overlap == 0 || from >= end || text[end-1] == '\n' && text[end] == '\n' {
		return end
	}
	tail := text[from:end]
	for i := 0; i+1 < len(tail); i++ {
		if strings.IndexByte(".!?\n", tail[i]) >= 0 && strings.IndexByte(space, tail[i+1]) >= 0 {
			return from + i + 1
		}
	}
	if i := strings.IndexAny(tail, space); i >= 0 {
		return from + i + 1
	}
	for from < end && !utf8.RuneStart(text[from]) {
		from++
	}
	return from
}
