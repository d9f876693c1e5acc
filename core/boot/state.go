package boot

// A State says how far an [App] is. It only grows.
type State uint8

// The states, in the order in which an application passes through them. One
// that failed to start is Stopped.
const (
	Created State = iota
	Starting
	Ready
	Stopping
	Stopped
)

var stateNames = [...]string{"created", "starting", "ready", "stopping", "stopped"}

// String returns the state in lower case, such as "ready".
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return "unknown"
}
