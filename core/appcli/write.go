package appcli

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/lexigram/lexigram-go/contracts/cli"
)

// write writes generated files below dir, which it makes if need be, and never
// outside of it. A file is there whole or not at all. One that exists is left
// alone, or replaced with force. The result tells what was done before an error.
func write(dir string, files []cli.File, force bool) (cli.GenerationResult, error) {
	result := emptyResult()
	if err := checkFiles(files); err != nil {
		return result, err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil { // less what the umask takes
		return result, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return result, err
	}
	for _, f := range files {
		if err := writeFile(root, f, force, &result); err != nil {
			return result, errors.Join(cli.Err.Wrap(err, "gen: %s", f.Path), root.Close())
		}
	}
	return result, root.Close()
}

func emptyResult() cli.GenerationResult {
	return cli.GenerationResult{Created: []string{}, Skipped: []string{}, Overwritten: []string{}} // [] in JSON
}

// checkFiles refuses paths that a generator must not return.
func checkFiles(files []cli.File) error {
	seen := map[string]bool{}
	for _, f := range files {
		if !fs.ValidPath(f.Path) || f.Path == "." || !filepath.IsLocal(filepath.FromSlash(f.Path)) || seen[f.Path] {
			return cli.Err.Wrap(fmt.Errorf("the generator returned the path %q: not below the output directory, or twice", f.Path), "gen")
		}
		seen[f.Path] = true
	}
	return nil
}

func writeFile(root *os.Root, f cli.File, force bool, result *cli.GenerationResult) error {
	name := filepath.FromSlash(f.Path)
	info, err := root.Lstat(name)
	switch {
	case err == nil && info.IsDir():
		return errors.New("is a directory")
	case err == nil && !force:
		result.Skipped = append(result.Skipped, f.Path)
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := root.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	tmp := filepath.Join(filepath.Dir(name), "."+path.Base(f.Path)+"."+rand.Text()[:8])
	if err := writeNew(root, tmp, f.Data); err != nil {
		return err
	}
	placed, existed, err := place(root, tmp, name, force)
	switch {
	case err != nil:
		return errors.Join(err, root.Remove(tmp))
	case !placed:
		result.Skipped = append(result.Skipped, f.Path)
	case existed || info != nil:
		result.Overwritten = append(result.Overwritten, f.Path)
	default:
		result.Created = append(result.Created, f.Path)
	}
	return nil
}

// writeNew writes a file that does not exist, down to the disk.
func writeNew(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, root.Remove(name))
	}
	return nil
}

// place gives the temporary file its name. Without force it does not replace a
// file that somebody made meanwhile, where the file system has links.
func place(root *os.Root, tmp, name string, force bool) (placed, existed bool, err error) {
	if force {
		_, err := root.Lstat(name)
		return true, err == nil, root.Rename(tmp, name)
	}
	err = root.Link(tmp, name)
	switch {
	case err == nil:
		return true, false, root.Remove(tmp)
	case errors.Is(err, fs.ErrExist):
		return false, true, root.Remove(tmp)
	default: // a file system without links
		return true, false, root.Rename(tmp, name)
	}
}
