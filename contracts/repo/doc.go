// Package repo is the contract of repositories: collections of entities of one
// type that are found by key or by condition, whatever keeps them.
//
// Conditions are those of contracts/filter, and a missing field is a NULL. A
// [Spec] makes them of typed fields, and evaluates the same tree in memory.
package repo
