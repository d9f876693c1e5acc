//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package filestorage

import (
	"os"
	"syscall"
)

// noWait opens a pipe that somebody put in a blob's place at once, to be
// refused; without it opening waits for a writer.
const noWait = syscall.O_NONBLOCK

// tryLock locks f for as long as it is open, and reports false if another open
// file, of this process or another one, has the lock. A lock dies with its process.
func tryLock(f *os.File) (bool, error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
		case nil:
			return true, nil
		case syscall.EWOULDBLOCK:
			return false, nil
		case syscall.EINTR:
		default:
			return false, os.NewSyscallError("flock", err)
		}
	}
}

// syncDir makes the entries of a directory durable.
func syncDir(dir *os.File) error { return dir.Sync() }
