package memoryvector

import (
	"math"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

// A kernel computes what a metric's score is made of: an inner product, a
// squared Euclidean distance or a Manhattan distance. a and b are of one length.
type kernel func(a, b []float32) float64

func kernelOf(m vector.Metric) kernel {
	switch m {
	case vector.Euclidean:
		return squares
	case vector.Manhattan:
		return manhattan
	default:
		return dot
	}
}

// score turns what the kernel of m returned into the contract's score.
func score(m vector.Metric, raw float64) float64 {
	switch m {
	case vector.Cosine:
		return max(-1, min(1, raw))
	case vector.Euclidean:
		return 1 / (1 + math.Sqrt(raw))
	case vector.Manhattan:
		return 1 / (1 + raw)
	default:
		return raw
	}
}

// normalize writes v scaled to length 1 to dst; a vector without length stays zero.
func normalize(dst, v []float32) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		clear(dst)
		return
	}
	scale := 1 / math.Sqrt(sum)
	for i, x := range v {
		dst[i] = float32(float64(x) * scale)
	}
}

// The loops below keep four sums, so that the processor need not wait for one
// addition before it begins the next, and shrink slices of known length, so
// that the compiler drops the bounds checks. A sum beyond float32 is computed
// again in float64, where the largest finite components cannot overflow.

func dot(a, b []float32) float64 {
	b = b[:len(a)]
	x, y := a, b
	var s0, s1, s2, s3 float32
	for len(x) >= 8 && len(y) >= 8 {
		s0 += x[0]*y[0] + x[4]*y[4]
		s1 += x[1]*y[1] + x[5]*y[5]
		s2 += x[2]*y[2] + x[6]*y[6]
		s3 += x[3]*y[3] + x[7]*y[7]
		x, y = x[8:], y[8:]
	}
	for i, v := range x {
		s0 += v * y[i]
	}
	if s := (s0 + s1) + (s2 + s3); s-s == 0 {
		return float64(s)
	}
	var wide float64
	for i, v := range a {
		wide += float64(v) * float64(b[i])
	}
	return wide
}

func squares(a, b []float32) float64 {
	b = b[:len(a)]
	x, y := a, b
	var s0, s1, s2, s3 float32
	for len(x) >= 4 && len(y) >= 4 {
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		d := v - y[i]
		s0 += d * d
	}
	if s := (s0 + s1) + (s2 + s3); s-s == 0 {
		return float64(s)
	}
	var wide float64
	for i, v := range a {
		d := float64(v) - float64(b[i])
		wide += d * d
	}
	return wide
}

func manhattan(a, b []float32) float64 {
	b = b[:len(a)]
	x, y := a, b
	var s0, s1, s2, s3 float32
	for len(x) >= 4 && len(y) >= 4 {
		s0 += abs(x[0] - y[0])
		s1 += abs(x[1] - y[1])
		s2 += abs(x[2] - y[2])
		s3 += abs(x[3] - y[3])
		x, y = x[4:], y[4:]
	}
	for i, v := range x {
		s0 += abs(v - y[i])
	}
	if s := (s0 + s1) + (s2 + s3); s-s == 0 {
		return float64(s)
	}
	var wide float64
	for i, v := range a {
		wide += math.Abs(float64(v) - float64(b[i]))
	}
	return wide
}

func abs(x float32) float32 { return math.Float32frombits(math.Float32bits(x) &^ (1 << 31)) }
