package migrate

import (
	"context"
	"time"
)

// A State says how a file and its record stand to each other.
type State string

// The states. In [Pending], [Applied] and [Newer] nothing is wrong.
const (
	Applied State = "applied"
	Pending State = "pending"
	Changed State = "changed" // the file is not the one that was applied
	Skipped State = "skipped" // later ones of its source were applied
	Missing State = "missing" // it was applied, later ones of its source have files, it has none
	Newer   State = "newer"   // it was applied by a newer program, or by another one on the database
)

// A Status is one file, or a record without one.
type Status struct {
	Source    string    `json:"source"`
	Version   int64     `json:"version"`
	Name      string    `json:"name"`
	State     State     `json:"state"`
	AppliedAt time.Time `json:"applied_at,omitzero"`
	Fix       string    `json:"fix,omitempty"` // what to do if something is wrong

	file Migration
	last int64 // that was applied of the source
}

// Status compares every file with its record: the files in the order of Up, then
// the records without a file. What is wrong with them is no error here.
func (m *Migrator) Status(ctx context.Context) ([]Status, error) {
	records, err := m.Applied(ctx)
	if err != nil {
		return nil, err
	}
	return m.states(records), nil
}

func (m *Migrator) states(records []Record) []Status {
	applied := make(map[id]Record, len(records))
	newest := map[string]int64{}
	for _, r := range records {
		applied[id{r.Source, r.Version}] = r
		newest[r.Source] = max(newest[r.Source], r.Version)
	}
	all := make([]Status, 0, max(len(m.files), len(records)))
	for _, f := range m.files {
		s := Status{Source: f.Source, Version: f.Version, Name: f.Name, State: Applied, file: f, last: newest[f.Source]}
		r, ok := applied[id{f.Source, f.Version}]
		s.AppliedAt = r.AppliedAt
		switch {
		case !ok && f.Version < s.last:
			s.State, s.Fix = Skipped, "give the file a number after it"
		case !ok:
			s.State = Pending
		case r.Checksum != f.Checksum:
			s.State, s.Fix = Changed, "restore it and add a new file"
		}
		delete(applied, id{f.Source, f.Version})
		all = append(all, s)
	}
	for _, r := range records {
		if _, left := applied[id{r.Source, r.Version}]; !left {
			continue
		}
		s := Status{Source: r.Source, Version: r.Version, Name: r.Name, State: Newer, AppliedAt: r.AppliedAt}
		if r.Version < m.own[r.Source] {
			s.State, s.Fix = Missing, "restore the file"
		}
		all = append(all, s)
	}
	return all
}
