package hashembed

// FNV-1a of 64 bits. It is part of what a vector is and never changes.
const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

func hash[S string | []byte](h uint64, kind byte, s S) uint64 {
	h = (h ^ uint64(kind)) * fnvPrime
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * fnvPrime
	}
	return h
}

// mix spreads the bits of h over all of them (the finalizer of MurmurHash3):
// FNV leaves the high bits of short keys alike.
func mix(h uint64) uint64 {
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	h *= 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
