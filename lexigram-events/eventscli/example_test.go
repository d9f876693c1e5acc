package eventscli_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/lexigram-events/eventscli"
)

func ExampleCommands() {
	for _, c := range append(eventscli.Commands{}.Commands(), eventscli.StreamCommands{}.Commands()...) {
		fmt.Printf("%s: %s\n", c.Path, c.Short)
	}
	// Output:
	// events tail: Show events as they are published
	// events publish: Publish one event
	// streams list: List the streams of the event store
	// streams read: Show the events of a stream, oldest first
}
