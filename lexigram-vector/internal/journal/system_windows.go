package journal

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
)

// lock takes an exclusive lock that ends with f, however the process ends.
func lock(f *os.File) error {
	var at syscall.Overlapped
	ok, _, err := lockFileEx.Call(f.Fd(), lockNow, 0, 1, 0, uintptr(unsafe.Pointer(&at)))
	switch {
	case ok != 0:
		return nil
	case errors.Is(err, errLockConflict):
		return ErrInUse
	}
	return os.NewSyscallError("LockFileEx", err)
}

// syncDir does nothing: Windows flushes files that are open for writing, which
// no directory is. NTFS keeps a log of what happens to names.
func syncDir(*os.File) error { return nil }
