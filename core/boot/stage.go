package boot

// A Stage is a step in the life of a provider, or of its application, as errors
// and reports name it.
type Stage string

// The stages, in their order. Providers register, boot, bootstrap, drain and shut
// down; the application builds what no hook has built, and closes the container.
const (
	Register  Stage = "register"
	Boot      Stage = "boot"
	Build     Stage = "build"
	Bootstrap Stage = "bootstrap"
	Drain     Stage = "drain"
	Shutdown  Stage = "shutdown"
	Close     Stage = "close"
)
