package repo_test

import (
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/repo"
)

func Example() {
	type user struct {
		Name string
		Age  int
	}
	name := repo.NewField("name", func(u user) string { return u.Name })
	age := repo.NewField("age", func(u user) int { return u.Age })

	adults := repo.And(age.Ge(18), repo.Not(name.Eq("root")))
	fmt.Println(adults.SatisfiedBy(user{"Ada", 36}))
	fmt.Println(adults.SatisfiedBy(user{"root", 99}))

	// A repository compiles the same tree.
	q := repo.Query{Where: adults.Filter(), Sort: []repo.Sort{{Field: "name"}}, Limit: 10}
	fmt.Printf("%+v\n", q.Where)
	// Output:
	// true <nil>
	// false <nil>
	// [{Field:age Op:ge Value:18} {Filter:{Field:name Op:eq Value:root}}]
}
