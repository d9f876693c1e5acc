package storage_test

import (
	"fmt"
	"math"

	"github.com/lexigram/lexigram-go/contracts/storage"
)

func ExampleCheckKey() {
	fmt.Println(storage.CheckKey("invoices/2026/0001.pdf"))
	fmt.Println(storage.CheckKey("../etc/passwd"))
	// Output:
	// <nil>
	// storage: key "../etc/passwd": invalid key
}

// A backend adds the options of a call up, and checks them before any I/O.
func ExampleNewOpenOptions() {
	o := storage.NewOpenOptions(storage.Range(10, 100))
	_, _, err := o.Range(math.MaxInt64)
	fmt.Println(err)
	offset, length, err := o.Range(64) // once the size is known
	fmt.Println(offset, length, err)
	// Output:
	// <nil>
	// 10 54 <nil>
}
