package memoryvector

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/vector"
)

// FuzzKernels compares the unrolled loops with plain ones in float64.
func FuzzKernels(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("0123456789abcdef0123456789abcdef0123456789abcdef"))
	f.Add(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, math.Float32bits(math.MaxFloat32)), math.Float32bits(-math.MaxFloat32)))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := len(data) / 8
		a, b := make([]float32, n), make([]float32, n)
		var dots, sq, l1, size float64
		for i := range n {
			a[i] = finite(math.Float32frombits(binary.LittleEndian.Uint32(data[8*i:])))
			b[i] = finite(math.Float32frombits(binary.LittleEndian.Uint32(data[8*i+4:])))
			x, y := float64(a[i]), float64(b[i])
			dots += x * y
			sq += (x - y) * (x - y)
			l1 += math.Abs(x - y)
			size += math.Abs(x * y)
		}
		for _, c := range []struct {
			name            string
			got, want, size float64
		}{{"dot", dot(a, b), dots, size}, {"squares", squares(a, b), sq, sq}, {"manhattan", manhattan(a, b), l1, l1}} {
			if math.IsNaN(c.got) || math.Abs(c.got-c.want) > 1e-5*c.size+1e-30 {
				t.Errorf("%s(%v, %v) = %v, want %v", c.name, a, b, c.got, c.want)
			}
		}
		if n == 0 {
			return
		}
		unit := make([]float32, n)
		normalize(unit, a)
		if s := score(vector.Cosine, dot(unit, unit)); s != 0 && math.Abs(s-1) > 1e-4 {
			t.Errorf("%v scaled to %v, of square %v", a, unit, s)
		}
	})
}

func finite(x float32) float32 {
	if f := float64(x); math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return x
}
