package migrate

import (
	"fmt"
	"slices"
	"time"
)

// compare returns the files without a record, or the first thing that is wrong.
func (m *Migrator) compare(records []Record) ([]Migration, error) {
	var pending []Migration
	for _, s := range m.states(records) {
		switch s.State {
		case Pending:
			pending = append(pending, s.file)
		case Changed:
			return nil, ErrChanged.Wrap(fmt.Errorf("the file is not the one that was applied on %s: %s", s.AppliedAt.Format(time.RFC3339), s.Fix), "migrate: %s %s", s.Source, s.Name)
		case Skipped:
			return nil, ErrOrder.Wrap(fmt.Errorf("version %d was applied last: %s", s.last, s.Fix), "migrate: %s %s", s.Source, s.Name)
		case Missing:
			return nil, ErrMissing.Wrap(fmt.Errorf("it was applied on %s: %s", s.AppliedAt.Format(time.RFC3339), s.Fix), "migrate: %s %s", s.Source, s.Name)
		}
	}
	return pending, nil
}

// next reports whether f is to be applied now; the lock is held.
func (m *Migrator) next(records []Record, f Migration) (bool, error) {
	pending, err := m.compare(records)
	if err != nil {
		return false, err
	}
	for _, p := range pending {
		if p.Source == f.Source && p.Version <= f.Version {
			if p.Version < f.Version {
				return false, ErrOrder.Wrap(fmt.Errorf("%s was undone meanwhile: begin anew", p.Name), "migrate: %s %s", f.Source, f.Name)
			}
			return true, nil
		}
	}
	return false, nil
}

// back returns what was applied of source after version to, the newest first.
func (m *Migrator) back(records []Record, source string, to int64) ([]Migration, error) {
	var all []Migration
	found := to == 0
	for _, r := range slices.Backward(records) {
		if r.Source != source || r.Version <= to {
			found = found || r.Source == source && r.Version == to
			continue
		}
		i := slices.IndexFunc(m.files, func(f Migration) bool { return f.Source == source && f.Version == r.Version })
		switch {
		case i < 0:
			return nil, ErrMissing.Wrap(fmt.Errorf("it was applied on %s: run the program that has the file", r.AppliedAt.Format(time.RFC3339)), "migrate: %s %s: down", r.Source, r.Name)
		case m.files[i].Checksum != r.Checksum:
			return nil, ErrChanged.Wrap(fmt.Errorf("it was applied on %s: restore it", r.AppliedAt.Format(time.RFC3339)), "migrate: %s %s: down", r.Source, r.Name)
		case !m.files[i].down.there:
			return nil, ErrNoDown.Wrap(fmt.Errorf("add a file like %04d_words.down.sql", r.Version), "migrate: %s %s", r.Source, r.Name)
		}
		all = append(all, m.files[i])
	}
	if !found {
		return nil, ErrTarget.Wrap(fmt.Errorf("version %d is not applied: name one that is, or 0", to), "migrate: %s: down", source)
	}
	return all, nil
}
