package duration_test

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/lexigram/lexigram-go/contracts/duration"
)

func Example() {
	d, err := duration.Parse("1d12h30m")
	fmt.Println(d, err)
	fmt.Println(duration.Format(d + 90*time.Second))

	var config struct{ Retention duration.Duration }
	err = json.Unmarshal([]byte(`{"Retention": "30"}`), &config)
	fmt.Println(err)
	// Output:
	// 36h30m0s <nil>
	// 1d12h31m30s
	// duration: parse "30": a number needs a unit: ns, us, ms, s, m, h or d
}
