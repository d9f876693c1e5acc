package phrase

import "time"

// Micros returns d in microseconds, rounded up; 0 is 0.
func Micros(d time.Duration) int64 {
	return int64(d/time.Microsecond) + min(int64(d%time.Microsecond), 1)
}
