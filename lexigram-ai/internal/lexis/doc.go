// Package lexis is the light text analysis that the offline parts of this
// module share: words, stems, stop words and sentences. It knows English best
// and no language well; everything in it is deterministic on every platform.
package lexis
