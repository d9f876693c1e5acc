package memoryvector

import "github.com/lexigram/lexigram-go/contracts/vector"

// A snapshot is what a collection held at one moment. Readers use it without a
// lock: what it shows never changes, because a writer fills only slots behind
// n, marks the dead in a copy, and publishes the next snapshot when it is whole.
type snapshot struct {
	cfg    vector.Config
	shift  uint // a full chunk has 1<<shift slots
	chunks []*chunk
	n      int      // slots in use, the dead ones included
	dead   []uint64 // a bit for each slot; words that are missing are zero
	gone   int      // bits of dead that are set
}

// A chunk holds consecutive slots. Its slices have their full length from the beginning.
type chunk struct {
	vectors  []float32
	ids      []string
	payloads []map[string]any
}

const chunkBytes = 256 << 10 // of vectors, so that a chunk stays in the second cache

func newSnapshot(cfg vector.Config) *snapshot {
	s := &snapshot{cfg: cfg, shift: 4}
	for s.shift < 10 && cfg.Dimension*4<<(s.shift+1) <= chunkBytes {
		s.shift++
	}
	return s
}

func newChunk(slots, dimension int) *chunk {
	return &chunk{
		vectors:  make([]float32, slots*dimension),
		ids:      make([]string, slots),
		payloads: make([]map[string]any, slots),
	}
}

// at returns where slot is.
func (s *snapshot) at(slot int) (c *chunk, i int) {
	return s.chunks[slot>>s.shift], slot & (1<<s.shift - 1)
}

func (s *snapshot) id(slot int) string {
	c, i := s.at(slot)
	return c.ids[i]
}

func (c *chunk) vector(i, dimension int) []float32 {
	return c.vectors[i*dimension : (i+1)*dimension : (i+1)*dimension]
}

func (s *snapshot) isDead(slot int) bool {
	w := slot >> 6
	return w < len(s.dead) && s.dead[w]>>(slot&63)&1 != 0
}

// live is how many points there are.
func (s *snapshot) live() int { return s.n - s.gone }

// next returns a snapshot that may be changed by [snapshot.add] and
// [snapshot.kill] until it is published; s stays as it is. kills says whether
// there will be any.
func (s *snapshot) next(kills bool) *snapshot {
	c := *s
	if kills {
		c.dead = make([]uint64, (s.n+63)/64)
		copy(c.dead, s.dead)
	}
	return &c
}

// add puts a point into the next slot. It keeps payload and copies v, which is
// of length 1 already if the metric is Cosine.
func (s *snapshot) add(id string, v []float32, payload map[string]any) (slot int) {
	slot = s.n
	ci, i := slot>>s.shift, slot&(1<<s.shift-1)
	switch {
	case ci == len(s.chunks):
		size := 1 << s.shift
		if ci == 0 {
			size = 8 // many collections are small
		}
		// The clipped copy leaves the list of older snapshots alone.
		s.chunks = append(s.chunks[:ci:ci], newChunk(min(size, 1<<s.shift), s.cfg.Dimension))
	case i == len(s.chunks[ci].ids):
		s.grow(ci)
	}
	c := s.chunks[ci]
	copy(c.vector(i, s.cfg.Dimension), v)
	c.ids[i], c.payloads[i] = id, payload
	s.n++
	return slot
}

// grow doubles the first chunk, which begins small, in a list of its own.
func (s *snapshot) grow(ci int) {
	old := s.chunks[ci]
	c := newChunk(2*len(old.ids), s.cfg.Dimension)
	copy(c.vectors, old.vectors)
	copy(c.ids, old.ids)
	copy(c.payloads, old.payloads)
	s.chunks = append(s.chunks[:ci:ci], c)
}

// kill marks a slot whose point is replaced or deleted.
func (s *snapshot) kill(slot int) {
	for slot>>6 >= len(s.dead) {
		s.dead = append(s.dead, 0)
	}
	if bit := uint64(1) << (slot & 63); s.dead[slot>>6]&bit == 0 {
		s.dead[slot>>6] |= bit
		s.gone++
	}
}

// sparse reports whether the dead outnumber the living.
func (s *snapshot) sparse() bool { return s.gone > 64 && s.gone > s.live() }

// compacted returns a snapshot of the living only; moved learns their slots.
func (s *snapshot) compacted(moved func(id string, slot int)) *snapshot {
	c := newSnapshot(s.cfg)
	for slot := range s.n {
		if s.isDead(slot) {
			continue
		}
		from, i := s.at(slot)
		moved(from.ids[i], c.add(from.ids[i], from.vector(i, s.cfg.Dimension), from.payloads[i]))
	}
	return c
}
