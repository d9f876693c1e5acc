// Package memorycache holds cache entries in this process, bounded and evicted
// by how often and how recently they are used (W-TinyLFU, by otter).
//
//	store, err := memorycache.New(memorycache.Options{})
//
// [Store] holds bytes and copies them; [Local] holds decoded values and shares them.
package memorycache
