package filestorage

import (
	"errors"
	"os"
	"syscall"
	"unsafe"
)

var lockFileEx = syscall.NewLazyDLL("kernel32.dll").NewProc("LockFileEx")

const (
	lockNow         = 1 | 2             // LOCKFILE_FAIL_IMMEDIATELY, LOCKFILE_EXCLUSIVE_LOCK
	errLockConflict = syscall.Errno(33) // ERROR_LOCK_VIOLATION
	// lockHigh is the upper half of the place of the byte that is locked: far
	// behind every end, because nobody else can read or write what is locked here.
	lockHigh = 1 << 30
)

const noWait = 0 // there are no pipes in directories

// tryLock locks f for as long as it is open, and reports false if another open
// file, of this process or another one, has the lock. A lock dies with its process.
func tryLock(f *os.File) (bool, error) {
	at := syscall.Overlapped{OffsetHigh: lockHigh}
	ok, _, err := lockFileEx.Call(f.Fd(), lockNow, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return true, nil
	case errors.Is(err, errLockConflict):
		return false, nil
	}
	return false, os.NewSyscallError("LockFileEx", err)
}

// syncDir does nothing: Windows flushes files that are open for writing, which
// no directory is. NTFS keeps a log of what happens to names.
func syncDir(*os.File) error { return nil }
