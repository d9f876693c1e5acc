package memorytenants_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"go.uber.org/goleak"

	"github.com/lexigram/lexigram-go/contracts/module/moduletest"
	"github.com/lexigram/lexigram-go/contracts/tenancy"
	"github.com/lexigram/lexigram-go/contracts/tenancy/tenancytest"
	"github.com/lexigram/lexigram-go/lexigram-tenancy/memorytenants"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestConformance(t *testing.T) {
	tenancytest.RunDirectory(t, func(*testing.T) tenancy.Directory { return memorytenants.New() })
}

func TestModule(t *testing.T) { moduletest.Run(t, memorytenants.Module) }

// TestCopies shows that nobody's map is anybody else's.
func TestCopies(t *testing.T) {
	d := memorytenants.New()
	in := map[string]string{"plan": "gold"}
	made, err := d.Create(t.Context(), tenancy.Info{Slug: "acme", Metadata: in})
	if err != nil {
		t.Fatal(err)
	}
	in["plan"], made.Metadata["plan"] = "none", "none"
	got, err := d.Find(t.Context(), tenancy.Ref{Slug: "acme"})
	if err != nil || got.Metadata["plan"] != "gold" {
		t.Errorf("%+v, %v", got, err)
	}
}

func Example() {
	d := memorytenants.New()
	ctx := context.Background()
	acme, err := d.Create(ctx, tenancy.Info{Slug: "acme", Name: "Acme Inc."})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = d.Create(ctx, tenancy.Info{Slug: "acme"})
	fmt.Println(acme.Name, acme.Status, errors.Is(err, tenancy.ErrSlug))
	// Output: Acme Inc. active true
}
