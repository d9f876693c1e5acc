package containertest_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/di"
	"github.com/lexigram/lexigram-go/core/container"
	"github.com/lexigram/lexigram-go/core/container/containertest"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A recorder is a test that notes what it was failed with.
type recorder struct {
	testing.TB
	lines []string
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

func build(context.Context, di.Resolver) (int, error) { panic("built") }

func TestVerify(t *testing.T) {
	c := container.New()
	err := errors.Join(
		di.Singleton(c, build, di.Needs(di.KeyOf[string](), di.KeyOf[bool]())),
		di.Singleton(c, build, di.Named("self"), di.Needs(di.KeyOf[int]("self"))))
	if err != nil {
		t.Fatal(err)
	}
	var r recorder
	containertest.Verify(&r, c)
	want := []string{
		"di: int -> string: not registered",
		"di: int -> bool: not registered",
		`di: dependency cycle: int "self" -> int "self"`,
	}
	if !slices.Equal(r.lines, want) {
		t.Errorf("got %q, want %q", r.lines, want)
	}
}

func TestVerifyPasses(t *testing.T) {
	c := container.New()
	if err := di.Singleton(c, build); err != nil {
		t.Fatal(err)
	}
	containertest.Verify(t, c)
	containertest.Verify(t, c) // nothing is frozen
	if err := di.Value(c, "more"); err != nil {
		t.Error(err)
	}
}

// A verifier returns what it says.
type verifier struct{ err error }

func (v verifier) Verify() error { return v.err }

// Only what joins errors without a text of its own is taken apart.
func TestVerifyKeepsWrappers(t *testing.T) {
	a, b := errors.New("a"), errors.New("b")
	var r recorder
	containertest.Verify(&r, verifier{errors.Join(errors.Join(a, b), fmt.Errorf("c: %w, %w", a, b))})
	if want := []string{"a", "b", "c: a, b"}; !slices.Equal(r.lines, want) {
		t.Errorf("got %q, want %q", r.lines, want)
	}
}

func ExampleVerify() {
	newContainer := func() *container.Container { // as main fills it
		c := container.New()
		_ = di.Value(c, "hello")
		return c
	}
	_ = func(t *testing.T) { containertest.Verify(t, newContainer()) }
	// Output:
}
