package health_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/health"
)

func ExampleCheck() {
	check := health.Check{
		Name:     "search",
		Optional: true,
		Checker: health.CheckerFunc(func(context.Context) health.Result {
			return health.Result{Status: health.Degraded, Message: "1 of 3 nodes is down"}
		}),
	}
	r := check.Checker.CheckHealth(context.Background())
	fmt.Println(check.Name, r.Status, r.Status.Ready())
	// Output: search degraded true
}

func TestWorst(t *testing.T) {
	order := []health.Status{health.Healthy, health.Degraded, health.Starting, health.Unknown, health.Unhealthy}
	for i, better := range order {
		for _, worse := range order[i:] {
			if got := health.Worst(better, worse); got != worse {
				t.Errorf("Worst(%v, %v) = %v", better, worse, got)
			}
			if got := health.Worst(worse, better); got != worse {
				t.Errorf("Worst(%v, %v) = %v", worse, better, got)
			}
		}
	}
	if got := health.Worst(); got != health.Healthy {
		t.Errorf("Worst() = %v, want healthy", got)
	}
	if got := health.Worst(200); got != health.Unknown {
		t.Errorf("Worst(200) = %v, want unknown", got)
	}
	if got := health.Status(200).String() + health.Probe(9).String(); got != "unknownunknown" {
		t.Errorf("made-up values are called %q", got)
	}
}
