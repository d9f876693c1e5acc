package sdnotify

import (
	"net"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/errs"
)

// Errors of notifying.
var (
	Err        = errs.New("LEX_ERR_SDNOTIFY_001", errs.Unavailable, "sdnotify")
	ErrEnviron = Err.Sub("LEX_ERR_SDNOTIFY_002", errs.Invalid, "sdnotify: the environment is not what systemd sets")
)

// The states that [Module] tells; see sd_notify(3) for others.
const (
	Ready    = "READY=1"
	Stopping = "STOPPING=1"
	Watchdog = "WATCHDOG=1"
)

// Notify sends states to systemd's socket, the value of NOTIFY_SOCKET, in one
// message; to "" it sends nothing. It does not wait for an answer: there is none.
func Notify(socket string, states ...string) error {
	if socket == "" {
		return nil
	}
	conn, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: socket, Net: "unixgram"}) // "@" is an abstract one
	if err != nil {
		return Err.Wrap(err, "sdnotify")
	}
	_, err = conn.Write([]byte(strings.Join(states, "\n")))
	if closed := conn.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return Err.Wrap(err, "sdnotify: send %s", strings.Join(states, ", "))
	}
	return nil
}
