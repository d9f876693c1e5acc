package sqlwatch

import (
	"runtime"
	"strconv"
	"strings"
)

// depth is how many frames are looked at, and kept of who holds a connection.
const depth = 32

// caller returns the innermost frame that is not of the data layer, or 0.
func caller() uintptr {
	var pcs [depth]uintptr
	for _, pc := range pcs[:runtime.Callers(3, pcs[:])] {
		if f := frame(pc); !inside(f.Function) {
			return pc
		}
	}
	return 0
}

func frame(pc uintptr) runtime.Frame {
	f, _ := runtime.CallersFrames([]uintptr{pc}).Next()
	return f
}

// Site returns the function, file and line of a [sqldb.QueryLogEntry]'s PC, or "".
func Site(pc uintptr) string {
	if pc == 0 {
		return ""
	}
	f := frame(pc)
	return f.Function + " " + f.File[strings.LastIndexByte(f.File, '/')+1:] + ":" + strconv.Itoa(f.Line)
}

// inside reports whether a function is of the data layer, and so says nothing
// about who uses it. Tests are not.
func inside(function string) bool {
	slash := strings.LastIndexByte(function, '/') + 1
	pkg := function
	if dot := strings.IndexByte(function[slash:], '.'); dot >= 0 {
		pkg = function[:slash+dot]
	}
	if strings.HasSuffix(pkg, "test") {
		return false
	}
	const ours = "github.com/lexigram/lexigram-go/"
	return pkg == "runtime" || pkg == "iter" || strings.HasPrefix(pkg, ours+"contracts/sqldb") || strings.HasPrefix(pkg, ours+"lexigram-sql/")
}
