// Package sqlqueue is what the packages that keep events in a table share: how
// events are claimed under leases, in the order of their commits and of their
// keys, handed to workers, and marked. It knows no transactions but its own and
// decides nothing about what a table is for.
package sqlqueue
