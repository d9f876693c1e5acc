package memoryvector

// A Config says where a [Store] keeps its collections. The zero value keeps
// them in memory only.
type Config struct {
	// Dir is the directory that holds a journal for each collection; it is made
	// if it is absent, and belongs to one store of one process at a time. ""
	// keeps nothing on disk.
	Dir string `config:"dir"`
	// NoSync leaves it to the operating system when a write reaches the disk: a
	// crash of the process loses nothing, a crash of the machine may lose what
	// the last calls wrote.
	NoSync bool `config:"no_sync"`
}
