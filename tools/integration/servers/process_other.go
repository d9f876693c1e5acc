//go:build !linux

package servers

import (
	"errors"
	"os"
	"os/exec"
)

// unprivileged refuses root, because servers do and here nothing else is known.
func unprivileged(*exec.Cmd) error {
	if os.Getuid() == 0 {
		return errors.New("servers: run the tests as another user than root")
	}
	return nil
}

// give does nothing: the servers run as the user of the tests.
func give(string) error { return nil }
