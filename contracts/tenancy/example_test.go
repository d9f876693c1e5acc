package tenancy_test

import (
	"context"
	"fmt"

	"github.com/lexigram/lexigram-go/contracts/tenancy"
)

// path returns where a tenant's files are, and fails closed without one.
func path(ctx context.Context, name string) (string, error) {
	id, err := tenancy.From(ctx)
	if err != nil {
		return "", err
	}
	return string(id) + "/" + name, nil
}

func ExampleFrom() {
	fmt.Println(path(context.Background(), "report.pdf"))
	fmt.Println(path(tenancy.With(context.Background(), "acme"), "report.pdf"))
	// Output:
	//  tenancy: no tenant in context
	// acme/report.pdf <nil>
}
