package features_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/lexigram/lexigram-go/contracts/features"
)

func TestCheckKey(t *testing.T) {
	for key, ok := range map[string]bool{
		"a": true, "new-checkout_2.0": true, strings.Repeat("x", 128): true,
		"": false, "a b": false, "a/b": false, "ä": false, strings.Repeat("x", 129): false,
	} {
		if err := features.CheckKey(key); (err == nil) != ok || !ok && !errors.Is(err, features.ErrKey) {
			t.Errorf("CheckKey(%.40q) = %v", key, err)
		}
	}
}

// TestBucket has what int(hashlib.md5(b"user/7:new-checkout").hexdigest(), 16) % 100 says.
func TestBucket(t *testing.T) {
	for _, c := range []struct {
		subject, key string
		want         int
	}{{"user/7", "new-checkout", 72}, {"user/8", "new-checkout", 98}, {"", "a", 5}, {"ä", "b", 53}} {
		if got := features.Bucket(c.subject, c.key); got != c.want {
			t.Errorf("Bucket(%q, %q) = %d, want %d", c.subject, c.key, got, c.want)
		}
	}
	var counts [100]int
	for i := range 100_000 {
		counts[features.Bucket(fmt.Sprint("user/", i), "f")]++
	}
	for bucket, n := range counts {
		if n < 850 || n > 1150 { // five standard deviations
			t.Errorf("bucket %d has %d of 100,000", bucket, n)
		}
	}
}

// flags is the least that an evaluator needs.
type flags map[string]any

func (f flags) Evaluate(_ context.Context, key string, fallback any, _ features.Subject) features.Evaluation {
	if v, ok := f[key]; ok {
		return features.Evaluation{Key: key, Value: v}
	}
	return features.Evaluation{Key: key, Value: fallback, Reason: features.FlagNotFound, Err: features.ErrFlagNotFound}
}

func TestValue(t *testing.T) {
	f := flags{"on": true, "wrong": 1}
	if !features.Value(t.Context(), f, "on", false, features.Subject{}) || features.Value(t.Context(), f, "absent", 2.5, features.Subject{}) != 2.5 {
		t.Error("Value is not the flag's, or not the fallback")
	}
	if features.Value(t.Context(), f, "wrong", "text", features.Subject{}) != "text" {
		t.Error("an evaluator that breaks its contract is believed")
	}
	for _, v := range []any{nil, 1, []string{}} {
		if err := features.CheckValue("a", v); !errors.Is(err, features.ErrType) {
			t.Errorf("CheckValue(%T) = %v", v, err)
		}
	}
}

func ExampleValue() {
	ctx := context.Background()
	var e features.Evaluator = flags{"new-checkout": true} // of core/flags
	who := features.Subject{ID: "user/7"}
	fmt.Println(features.Value(ctx, e, "new-checkout", false, who))
	fmt.Println(features.Value(ctx, e, "greeting", "hello", who))
	// Output:
	// true
	// hello
}
