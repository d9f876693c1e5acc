package featurestest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/features"
)

// A model is the smallest provider that keeps every rule, or breaks the one named in breaks.
type model struct {
	mu        sync.Mutex
	flags     map[string]any
	overrides map[string]any
	keys      []string
	breaks    string
}

var (
	_ features.Setter = (*model)(nil)
	_ features.Lister = (*model)(nil)
)

func newModel(breaks string) features.Provider {
	return &model{flags: seed(), overrides: map[string]any{}, keys: slices.Sorted(maps.Keys(seed())), breaks: breaks}
}

func (m *model) is(rule string) bool { return m.breaks == rule }

func (m *model) begin(ctx context.Context, key string) error {
	if err := features.CheckKey(key); err != nil && !m.is("invalid keys") {
		return err
	}
	if ctx.Err() != nil && !m.is("a context that has ended") {
		return context.Cause(ctx)
	}
	return nil
}

func (m *model) Flag(ctx context.Context, key string, s features.Subject) (features.Evaluation, error) {
	if err := m.begin(ctx, key); err != nil {
		return features.Evaluation{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.is("the subject stays as it is") && s.Attributes != nil {
		s.Attributes["evaluated"] = "yes"
	}
	e := features.Evaluation{Key: key, Value: m.flags[key], Type: features.Boolean, Reason: features.Static}
	if v, ok := m.overrides[key]; ok {
		e.Value, e.Reason = v, features.Override
	}
	switch {
	case m.is("values") && e.Value == "":
		e.Value = nil
	case m.is("evaluations are whole"):
		e.Reason = "because"
	case m.is("set"):
		e.Reason = features.Static
	case m.is("concurrent use") && strings.HasPrefix(key, "own-"):
		e.Value = 7.0
	}
	if e.Value == nil && !m.is("no such flag") && !m.is("values") {
		return features.Evaluation{}, features.ErrFlagNotFound
	}
	return e, nil
}

func (m *model) Set(ctx context.Context, key string, value any) error {
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	if err := features.CheckValue(key, value); err != nil && !m.is("set checks") {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.overrides[key] = value
	return nil
}

func (m *model) Unset(ctx context.Context, key string) error {
	if err := m.begin(ctx, key); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.overrides[key]; !ok && m.is("unset") {
		return features.ErrFlagNotFound
	}
	delete(m.overrides, key)
	return nil
}

func (m *model) Keys(ctx context.Context) ([]string, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if m.is("keys") {
		return m.keys, nil
	}
	return slices.Clone(m.keys), nil
}

// bare is a provider without the optional abilities.
type bare struct{ features.Provider }

func TestProviderGood(t *testing.T) {
	RunProvider(t, func(*testing.T, map[string]any) features.Provider { return newModel("") })
}

func TestProviderBare(t *testing.T) {
	RunProvider(t, func(*testing.T, map[string]any) features.Provider { return bare{newModel("")} })
}

func TestProviderBroken(t *testing.T) { broken(t, providerRules(), newModel) }

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

// An asker is the smallest evaluator that keeps every rule, or breaks one.
type asker struct {
	mu     sync.Mutex
	last   features.Evaluation
	breaks string
}

func newAsker(breaks string) features.Evaluator { return &asker{breaks: breaks} }

func (a *asker) is(rule string) bool { return a.breaks == rule }

func (a *asker) Evaluate(ctx context.Context, key string, fallback any, s features.Subject) features.Evaluation {
	var e features.Evaluation
	ask := func() (err error) { e, err = scripted{}.Flag(ctx, key, s); return err }
	var err error
	if a.is("a provider that panics") {
		err = ask()
	} else {
		err = errs.Catch(ask)
	}
	e.Key = key
	switch {
	case errors.Is(err, features.ErrFlagNotFound):
		if a.is("unknown flags") {
			e.Value = false
			return e
		}
		e.Value, e.Reason, e.Err = fallback, features.FlagNotFound, err
	case err != nil:
		e.Value, e.Reason, e.Err = fallback, features.ProviderError, features.ErrEvaluation.Wrap(err, "ask")
		if a.is("a provider that fails") {
			e.Err = nil // swallowed
		}
		if a.is("what nobody can ask") && ctx.Err() != nil {
			e.Reason = features.Static
		}
	case fmt.Sprintf("%T", e.Value) != fmt.Sprintf("%T", fallback) && !a.is("another type"):
		e.Value, e.Reason, e.Err = fallback, features.TypeMismatch, features.ErrType
	}
	if a.is("the provider's answer") {
		e.Variant = ""
	}
	if a.is("concurrent use") && key == "subject" { // a cache without the subject in its key
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.last.Key == "" {
			a.last = e
		}
		return a.last
	}
	return e
}

func TestEvaluatorGood(t *testing.T) {
	RunEvaluator(t, func(*testing.T, features.Provider) features.Evaluator { return newAsker("") })
}

func TestEvaluatorBroken(t *testing.T) { broken(t, evaluatorRules, newAsker) }
