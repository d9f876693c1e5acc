package idgen_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/clock/clocktest"
	"github.com/lexigram/lexigram-go/contracts/ids"
	"github.com/lexigram/lexigram-go/core/idgen"
)

func Example() {
	source := idgen.Source{Clock: new(clocktest.Fake)} // a program leaves the clock out
	a, b := source.UUID7(), source.UUID7()
	fmt.Println(a.String()[:18], a.String() < b.String())

	g, err := idgen.New(idgen.Options{Strategy: ids.Prefixed, Prefixes: map[string]string{"Customer": "cust"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	id, err := idgen.ParseTypeID(g.NewIDFor("Customer"))
	fmt.Println(id.Prefix(), id.UUID().Version(), err)
	// Output:
	// 00dc6acf-ac00-7000 true
	// cust 7 <nil>
}
