// Package querycount finds, in tests, the statement that a loop runs once for
// each of its rows.
//
//	func TestOrders(t *testing.T) {
//		db := querycount.Watch(t, open(t), 5)
//		… // fails if one line of the program runs one statement more than 5 times
//	}
package querycount
