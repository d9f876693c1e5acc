package ditest

import (
	"reflect"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/di"
)

// plain returns the key of a need, optional or not.
func plain(need di.Key) di.Key {
	need.Name = strings.TrimSuffix(need.Name, "?")
	return need
}

func (m *mini) Has(k di.Key) (bool, error) { return m.root.Has(k) }

func (s *miniScope) Has(k di.Key) (bool, error) {
	r := s.m.find(k)
	switch {
	case !s.m.frozen && s.m.breaks != "has":
		return false, di.ErrNotFrozen
	case s.closed:
		return false, di.ErrClosed
	}
	return r != nil && (s == s.m.root || s.m.breaks != "has in a scope"), nil
}

func (n *miniNeeds) Has(k di.Key) (bool, error) {
	switch err := n.allowed(k); {
	case err != nil && n.m.breaks == "has in a build":
		return false, nil
	case err != nil:
		return false, err
	}
	r := n.m.find(k)
	return r != nil && n.m.breaks != "failed optional build", nil
}

func (m *mini) Bind(k di.Key, v any) error {
	r := m.find(k)
	switch {
	case m.breaks == "bind too early or late":
	case !m.frozen:
		return di.ErrNotFrozen
	case m.root.closed:
		return di.ErrClosed
	}
	if m.breaks != "bind what is not there" {
		switch {
		case r == nil:
			return di.ErrMissing.Wrap(nil, "%v", k)
		case r.Lifetime != di.SingletonLifetime:
			return di.Err.Wrap(nil, "%v is not a singleton", k)
		case v == nil || !reflect.TypeOf(v).AssignableTo(k.Type):
			return di.ErrType.Wrap(nil, "%v", k)
		}
	}
	if m.breaks == "bind" || r == nil {
		return nil
	}
	return m.root.bind(r, v)
}

// bind puts v into the place of a value. What was built is released as before.
func (s *miniScope) bind(r *miniReg, v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.m.breaks == "bind instead of building" && s.values[r] == nil {
		return nil
	}
	if s.values[r] == nil || s.m.breaks != "close what was bound" {
		if old := s.values[r]; old != nil {
			s.replaced = map[*miniReg]any{r: old.value}
		}
		lock := make(chan struct{}, 1)
		lock <- struct{}{}
		s.values[r] = &miniValue{lock: lock}
	}
	s.values[r].value = v
	return nil
}
