package features

import "crypto/md5"

// Bucket returns the place of a subject among 100 for a flag, the same in every
// language and release: the MD5 digest of "<subject>:<key>" as a big-endian number,
// modulo 100. MD5 is there to spread, not to protect: who can choose their own ID can choose
// their bucket under any digest that is public. That 2^128 is no multiple of 100 favours no
// bucket by more than 2^-121.
func Bucket(subject, key string) int {
	digest := md5.Sum([]byte(subject + ":" + key))
	n := 0
	for _, b := range digest {
		n = (n*256 + int(b)) % 100
	}
	return n
}
