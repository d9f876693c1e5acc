package servers

import (
	"errors"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// unprivileged has cmd run as a user without rights where the tests run as
// root, which servers refuse to do, and end with the tests however they end.
func unprivileged(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGINT}
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := nobody()
	if err != nil {
		return err
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return nil
}

// give makes dir belong to the user that servers run as.
func give(dir string) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := nobody()
	if err != nil {
		return err
	}
	return os.Chown(dir, uid, gid)
}

// nobody returns a user without rights.
func nobody() (uid, gid int, err error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, uerr := user.Lookup(name)
		if uerr != nil {
			err = errors.Join(err, uerr)
			continue
		}
		uid, uerr := strconv.Atoi(u.Uid)
		gid, gerr := strconv.Atoi(u.Gid)
		return uid, gid, errors.Join(uerr, gerr)
	}
	return 0, 0, err
}
