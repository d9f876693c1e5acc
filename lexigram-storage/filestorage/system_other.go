//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package filestorage

import (
	"errors"
	"fmt"
	"os"
	"runtime"
)

const noWait = 0 // there are no pipes in directories

// tryLock has no locks to offer here: without them two processes could both
// win a create-if-absent, so Open fails.
func tryLock(*os.File) (bool, error) {
	return false, fmt.Errorf("file locks on %s: %w", runtime.GOOS, errors.ErrUnsupported)
}

func syncDir(*os.File) error { return nil }
