package config

import "strings"

// Nearest returns the one of valid that key probably means, a slip of the keyboard
// or two away from it, or "".
func Nearest(key string, valid []string) string {
	best, least := "", max(1, len(key)/3)+1
	for _, v := range valid {
		d := distance(strings.ToLower(key), strings.ToLower(v))
		if d < least && d < len(v) {
			best, least = v, d
		}
	}
	return best
}

// distance counts the bytes to insert, delete, replace or swap with their
// neighbour that turn a into b. What differs too much in length is not worth counting.
func distance(a, b string) int {
	const enough = 64
	if len(a) > enough || len(b) > enough {
		return enough
	}
	var rows [3][enough + 1]int
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
