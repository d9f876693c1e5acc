package securitytest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/contracts/security"
)

// A model is the smallest store that keeps every rule. With the name of a rule in
// breaks, it breaks that rule, in the way that real stores do.
type model struct {
	mu      sync.Mutex
	secrets map[string][]string // versions, oldest first
	gets    int
	breaks  string
}

var (
	_ security.SecretFinder   = (*model)(nil)
	_ security.SecretBatcher  = (*model)(nil)
	_ security.VersionedStore = (*model)(nil)
)

func newModel(breaks string) *model {
	m := &model{secrets: map[string][]string{}, breaks: breaks}
	for name, value := range seed() {
		m.secrets[name] = []string{value}
	}
	return m
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context, op, name string) error {
	if err := security.CheckSecretName(name); err != nil && !m.is("invalid names") {
		return err
	}
	if ctx.Err() != nil {
		if m.is("a context that has ended") {
			return context.Cause(ctx) // not as a SecretAccessError
		}
		return &security.SecretAccessError{Name: name, Op: op, Cause: context.Cause(ctx)}
	}
	m.mu.Lock()
	return nil
}

func (m *model) Get(ctx context.Context, name string) (config.Secret[string], error) {
	if err := m.begin(ctx, "get", name); err != nil {
		return config.Secret[string]{}, err
	}
	defer m.mu.Unlock()
	return m.get(name, "")
}

func (m *model) get(name, id string) (none config.Secret[string], err error) {
	m.gets++
	versions := m.secrets[name]
	i := len(versions) - 1
	if id != "" && !m.is("get version") {
		if i, err = strconv.Atoi(id); err != nil && m.is("no such version") {
			i = len(versions) - 1
		} else if err != nil || i < 0 || i >= len(versions) {
			return none, security.ErrSecretNotFound
		}
	}
	if i < 0 {
		if m.is("missing") {
			return none, nil
		}
		return none, security.ErrSecretNotFound.Wrap(nil, "model: get %q", name)
	}
	if m.is("get") && versions[i] == "" {
		return none, security.ErrSecretNotFound
	}
	return config.NewSecret(versions[i]), nil
}

func (m *model) Set(ctx context.Context, name string, value config.Secret[string]) error {
	if m.is("values do not show") && len(value.Reveal()) > 20 {
		return fmt.Errorf("cannot set to %q", value.Reveal())
	}
	if err := m.begin(ctx, "set", name); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if err := security.CheckSecretValue(value.Reveal()); err != nil && !m.is("large values") {
		return err
	}
	_, exists := m.secrets[name]
	switch {
	case m.is("set") && exists:
		return nil
	case m.is("any bytes"):
		value = config.NewSecret(strings.TrimSpace(value.Reveal()))
	case m.is("levels"):
		for other := range m.secrets {
			if strings.HasPrefix(other, name+"/") || strings.HasPrefix(name, other+"/") {
				delete(m.secrets, other)
			}
		}
	case m.is("in one step"):
		m.tear(ctx, name, value.Reveal())
	case m.is("concurrent use") && strings.HasSuffix(name, "/secret9"):
		delete(m.secrets, strings.Replace(name, "9", "5", 1)) // a write that was lost
	case m.is("read-only"):
		m.secrets[name] = []string{value.Reveal()}
		return &security.SecretAccessError{Name: name, Op: "set", Cause: errors.ErrUnsupported}
	}
	m.secrets[name] = append(m.secrets[name], value.Reveal())
	return nil
}

// tear holds half of a short value until it was read.
func (m *model) tear(ctx context.Context, name, value string) {
	m.secrets[name] = []string{value[:len(value)/2]}
	for gets := m.gets; len(value) < 100 && m.gets == gets && ctx.Err() == nil; {
		m.mu.Unlock()
		runtime.Gosched()
		m.mu.Lock()
	}
}

func (m *model) Delete(ctx context.Context, name string) error {
	if err := m.begin(ctx, "delete", name); err != nil {
		return err
	}
	defer m.mu.Unlock()
	if _, exists := m.secrets[name]; !exists && m.is("delete absent") {
		return security.ErrSecretNotFound
	}
	for other := range m.secrets {
		if m.is("delete") && strings.HasPrefix(other, name) {
			delete(m.secrets, other)
		}
	}
	if m.is("delete removes versions") {
		m.secrets[name] = m.secrets[name][:1]
		return nil
	}
	delete(m.secrets, name)
	return nil
}

func (m *model) Has(ctx context.Context, name string) (bool, error) {
	if err := m.begin(ctx, "has", name); err != nil {
		return false, err
	}
	defer m.mu.Unlock()
	versions, ok := m.secrets[name]
	if m.is("has") {
		return ok && versions[0] != "", nil
	}
	return ok, nil
}

func (m *model) GetMany(ctx context.Context, names []string) (map[string]config.Secret[string], error) {
	found := map[string]config.Secret[string]{}
	for _, name := range names {
		if err := security.CheckSecretName(name); err != nil {
			return nil, err
		}
	}
	for _, name := range names {
		if err := m.begin(ctx, "get many", name); err != nil {
			return nil, err
		}
		value, err := m.get(name, "")
		m.mu.Unlock()
		if err == nil || m.is("get many") {
			found[name] = value
		}
	}
	return found, nil
}

func (m *model) Rotate(ctx context.Context, name string, value config.Secret[string]) (security.SecretVersion, error) {
	if err := m.begin(ctx, "rotate", name); err != nil {
		return security.SecretVersion{}, err
	}
	defer m.mu.Unlock()
	m.secrets[name] = append(m.secrets[name], value.Reveal())
	if m.is("rotate") {
		return security.SecretVersion{ID: "0"}, nil
	}
	return security.SecretVersion{ID: strconv.Itoa(len(m.secrets[name]) - 1)}, nil
}

func (m *model) Versions(ctx context.Context, name string) ([]security.SecretVersion, error) {
	if err := m.begin(ctx, "versions", name); err != nil {
		return nil, err
	}
	defer m.mu.Unlock()
	var all []security.SecretVersion
	for i := range m.secrets[name] {
		v := security.SecretVersion{ID: strconv.Itoa(i)}
		if m.is("versions") {
			all = append(all, v)
		} else {
			all = append([]security.SecretVersion{v}, all...)
		}
	}
	if all == nil {
		return nil, security.ErrSecretNotFound
	}
	return all, nil
}

func (m *model) GetVersion(ctx context.Context, name, id string) (config.Secret[string], error) {
	if err := m.begin(ctx, "get version", name); err != nil {
		return config.Secret[string]{}, err
	}
	defer m.mu.Unlock()
	return m.get(name, id)
}

// plain is a store without the optional abilities.
type plain struct{ security.SecretStore }

// frozen is a store that is read-only by nature.
type frozen struct{ *model }

func (f frozen) Set(ctx context.Context, name string, _ config.Secret[string]) error {
	return f.refuse(ctx, "set", name)
}

func (f frozen) Delete(ctx context.Context, name string) error { return f.refuse(ctx, "delete", name) }

func (f frozen) Rotate(ctx context.Context, name string, _ config.Secret[string]) (security.SecretVersion, error) {
	return security.SecretVersion{}, f.refuse(ctx, "rotate", name)
}

func (f frozen) refuse(ctx context.Context, op, name string) error {
	if err := f.begin(ctx, op, name); err != nil {
		return err
	}
	f.mu.Unlock()
	return &security.SecretAccessError{Name: name, Op: op, Cause: errors.ErrUnsupported}
}

func TestSecretsGood(t *testing.T) {
	RunSecrets(t, func(*testing.T, map[string]string) security.SecretStore { return newModel("") })
}

func TestSecretsPlain(t *testing.T) {
	RunSecrets(t, func(*testing.T, map[string]string) security.SecretStore { return plain{newModel("")} })
}

// TestSecretsReadOnly: what a read-only store cannot keep is skipped, and the rule
// about values that is not optional wants errors of names and sizes first.
func TestSecretsReadOnly(t *testing.T) {
	for _, r := range secretRules() {
		err := r.check(t.Context(), frozen{newModel("")})
		if err != nil && !(r.optional && errors.Is(err, errors.ErrUnsupported)) {
			t.Errorf("rule %q on a store that is read-only: %v", r.name, err)
		}
	}
}

func TestSecretsBroken(t *testing.T) {
	broken(t, secretRules(), func(breaks string) security.SecretStore { return newModel(breaks) })
}

// broken runs each rule on the subject that breaks just it. A rule without one
// meets a subject that breaks nothing, and fails here.
func broken[T any](t *testing.T, rules []rule[T], open func(breaks string) T) {
	seen := map[string]bool{}
	for _, r := range rules {
		if seen[r.name] {
			t.Errorf("two rules are called %q", r.name)
		}
		seen[r.name] = true
		if err := r.check(t.Context(), open("")); err != nil {
			t.Errorf("rule %q: the one that keeps it failed: %v", r.name, err)
		}
		err := r.check(t.Context(), open(r.name))
		if err == nil || r.optional && errors.Is(err, errors.ErrUnsupported) {
			t.Errorf("rule %q: the one that breaks it passed: %v", r.name, err)
		}
		t.Logf("%s: %.200v", r.name, err)
	}
}
