package ids_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/ids"
)

// A user is stored under its ID.
type user struct{ id, name string }

// register takes what makes IDs, so that a test can know them beforehand.
func register(g ids.Generator, name string) user {
	return user{id: g.NewIDFor("user"), name: name}
}

// A counter is a generator for a test.
type counter int

func (c *counter) Strategy() ids.Strategy { return "counter" }
func (c *counter) NewID() string          { *c++; return fmt.Sprint(int(*c)) }
func (c *counter) NewIDFor(string) string { return c.NewID() }

func Example() {
	var c counter
	fmt.Println(register(&c, "Ada"), register(&c, "Grace"))
	// Output: {1 Ada} {2 Grace}
}
