package container

import (
	"cmp"
	"math"
	"slices"
	"unicode/utf8"
)

// Measures of the drawing, in pixels.
const (
	boxHeight  = 40
	boxGap     = 14
	bendGap    = 10 // around a long line that passes a column
	columnGap  = 76
	charWidth  = 7.3 // of the monospaced text, at 12 pixels
	boxPadding = 26
	maxChars   = 44
	margin     = 24
)

// A spot is the place of a node, or of the bend of a line that passes a column.
type spot struct {
	node   int // -1 of a bend
	column int
	x, y   float64 // the left side, and the middle
	width  float64
	left   []*spot // that have a line to here
	right  []*spot // that have a line from here
}

// A layout is the layered drawing of a graph (Sugiyama): columns in which every
// line goes to the right, the order in each chosen so that lines cross little.
type layout struct {
	spots         []*spot // of the nodes, by index
	columns       [][]*spot
	loose         []*spot // that no line meets
	lines         []line
	width, height float64
}

// A line goes from who needs to what is needed, through bends.
type line struct {
	from, to int
	how      edge
	through  []*spot
}

func (g Graph) layout() *layout {
	l := &layout{spots: make([]*spot, len(g.Nodes))}
	met := make([]bool, len(g.Nodes))
	g.edges(func(from, to int, _ edge) { met[from], met[to] = true, true })
	depth := g.depths()
	for i, n := range g.Nodes {
		chars := min(utf8.RuneCountInString(n.label()), maxChars)
		chars = max(chars, min(utf8.RuneCountInString(n.note()), maxChars)*5/6)
		l.spots[i] = &spot{node: i, width: float64(chars)*charWidth + boxPadding}
		if !met[i] {
			l.loose = append(l.loose, l.spots[i])
			continue
		}
		l.put(l.spots[i], depth[i])
	}
	g.edges(func(from, to int, how edge) { l.connect(from, to, how) })
	for round := range 8 {
		l.order(round%2 == 0)
	}
	l.place()
	return l
}

// depths returns the column of each node, from the left: what is needed by
// nobody is in the first, and what is needed in a column further right.
func (g Graph) depths() []int {
	height := make([]int, len(g.Nodes)) // the longest way to what needs nothing
	seen := make([]bool, len(g.Nodes))
	var visit func(i int) int
	visit = func(i int) int {
		if !seen[i] {
			seen[i] = true // a frozen graph has no cycle
			for _, to := range slices.Concat(g.Nodes[i].Needs, g.Nodes[i].Collects) {
				height[i] = max(height[i], visit(to)+1)
			}
		}
		return height[i]
	}
	most := 0
	for i := range g.Nodes {
		most = max(most, visit(i))
	}
	for i := range height {
		height[i] = most - height[i]
	}
	return height
}

func (l *layout) put(s *spot, column int) {
	for len(l.columns) <= column {
		l.columns = append(l.columns, nil)
	}
	s.column = column
	l.columns[column] = append(l.columns[column], s)
}

func (l *layout) connect(from, to int, how edge) {
	ln := line{from: from, to: to, how: how}
	at := l.spots[from]
	for column := at.column + 1; column < l.spots[to].column; column++ {
		bend := &spot{node: -1}
		l.put(bend, column)
		join(at, bend)
		ln.through = append(ln.through, bend)
		at = bend
	}
	join(at, l.spots[to])
	l.lines = append(l.lines, ln)
}

func join(a, b *spot) {
	a.right = append(a.right, b)
	b.left = append(b.left, a)
}

// order sorts each column by where the neighbours on one side are.
func (l *layout) order(rightwards bool) {
	for _, column := range l.columns {
		for i, s := range column {
			s.y = float64(i)
		}
	}
	for i := range l.columns {
		column := l.columns[i]
		if !rightwards {
			column = l.columns[len(l.columns)-1-i]
		}
		want := make(map[*spot]float64, len(column))
		for _, s := range column {
			want[s] = s.mean(rightwards)
		}
		slices.SortStableFunc(column, func(a, b *spot) int { return cmp.Compare(want[a], want[b]) })
		for i, s := range column {
			s.y = float64(i)
		}
	}
}

// mean returns where the neighbours on one side are, or where s is itself.
func (s *spot) mean(left bool) float64 {
	near := s.right
	if left {
		near = s.left
	}
	if len(near) == 0 {
		return s.y
	}
	sum := 0.0
	for _, n := range near {
		sum += n.y
	}
	return sum / float64(len(near))
}

// place gives spots their coordinates.
func (l *layout) place() {
	for _, column := range l.columns {
		y := 0.0
		for i, s := range column {
			if i > 0 {
				y += apart(column[i-1], s)
			}
			s.y = y
		}
	}
	for round := range 12 {
		for i := range l.columns {
			column := l.columns[i]
			if round%2 == 1 {
				column = l.columns[len(l.columns)-1-i]
			}
			settle(column, round%2 == 0)
		}
	}
	l.frame()
}

// frame moves everything into view, columns beside each other and what no line
// meets below, in rows.
func (l *layout) frame() {
	top, bottom, x := math.Inf(1), 0.0, float64(margin)
	for _, column := range l.columns {
		wide := 0.0
		for _, s := range column {
			wide, top = max(wide, s.width), min(top, s.y)
		}
		for _, s := range column {
			s.x = x
			if s.node < 0 {
				s.width = wide
			}
		}
		x += wide + columnGap
	}
	for _, column := range l.columns {
		for _, s := range column {
			s.y += margin + boxHeight/2 - top
			bottom = max(bottom, s.y+boxHeight/2)
		}
	}
	l.width, l.height = max(x-columnGap, 640)+margin, bottom+margin
	at, y := float64(margin), l.height+boxHeight/2
	for _, s := range l.loose {
		if at > margin && at+s.width > l.width-margin {
			at, y = margin, y+boxHeight+boxGap
		}
		s.x, s.y = at, y
		at += s.width + boxGap
		l.width = max(l.width, s.x+s.width+margin)
		l.height = y + boxHeight/2 + margin
	}
}

// apart returns how far b is below a at least.
func apart(a, b *spot) float64 {
	half := func(s *spot) float64 {
		if s.node < 0 {
			return bendGap / 2
		}
		return (boxHeight + boxGap) / 2
	}
	return half(a) + half(b)
}

// settle moves the spots of a column as near to their neighbours as they can be
// without leaving their order: spots that would overlap form a block, which is
// where its spots want to be on average (pool adjacent violators).
func settle(column []*spot, left bool) {
	type block struct {
		first, count int
		sum          float64 // of where its spots want its first one
	}
	var blocks []block
	offset := make([]float64, len(column)) // below the column's first, when packed
	for i, s := range column {
		if i > 0 {
			offset[i] = offset[i-1] + apart(column[i-1], s)
		}
		blocks = append(blocks, block{i, 1, s.mean(left) - offset[i]})
		for n := len(blocks); n > 1; n-- {
			a, b := blocks[n-2], blocks[n-1]
			if a.sum/float64(a.count) <= b.sum/float64(b.count) {
				break
			}
			blocks = append(blocks[:n-2], block{a.first, a.count + b.count, a.sum + b.sum})
		}
	}
	for _, b := range blocks {
		at := b.sum / float64(b.count)
		for i := b.first; i < b.first+b.count; i++ {
			column[i].y = at + offset[i]
		}
	}
}
