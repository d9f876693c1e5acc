package sdnotify_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/core/boot"
	"github.com/lexigram/lexigram-go/core/sdnotify"
)

func Example() {
	ctx := context.Background()
	// An empty environment: nobody is told. Leave Environ out to take the process's own.
	app := boot.New(boot.Options{}).Add(sdnotify.Module(sdnotify.Options{Environ: []string{}}))
	fmt.Println(app.Start(ctx), app.Stop(ctx))
	// Output: <nil> <nil>
}
