package filter

// MaxDepth, MaxConditions and MaxValues bound a filter, so that one that comes
// from a stranger costs no more than a backend expects: how deep And, Or and Not
// nest (a lone condition is 1), how many conditions there are in all, And, Or
// and Not included, and how many values an In has. [Validate] refuses more.
const (
	MaxDepth      = 32
	MaxConditions = 1_000
	MaxValues     = 1_000
)
