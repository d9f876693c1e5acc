package library

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/storage"
)

// Errors of the library.
var (
	Err         = errs.New("ASKDOCS_001", errs.Unknown, "askdocs")
	ErrDocument = Err.Sub("ASKDOCS_002", errs.Invalid, "askdocs: document refused")
	ErrNotFound = Err.Sub("ASKDOCS_003", errs.NotFound, "askdocs: no such document")
	ErrQuestion = Err.Sub("ASKDOCS_004", errs.Invalid, "askdocs: question refused")
	ErrTooLarge = ErrDocument.Sub("ASKDOCS_005", errs.Invalid, "askdocs: document refused: too large")
	ErrTenant   = Err.Sub("ASKDOCS_006", errs.Conflict, "askdocs: tenant exists")

	// What the two models say is for the log; the one who asked is told which one it was.
	ErrChat  = Err.Sub("ASKDOCS_008", errs.Unavailable, "askdocs: no answer from the model").WithHint("the model of the section chat does not answer: is chat.openai.base_url right, and its server there?")
	ErrEmbed = Err.Sub("ASKDOCS_009", errs.Unavailable, "askdocs: no answer from the embedding model").WithHint("the model of the section embedding does not answer: is embedding.openai.base_url right, and its server there?")
)

// A Status says how far a document has come.
type Status string

// The statuses of documents.
const (
	Pending  Status = "pending"  // stored, not yet found by search
	Indexed  Status = "indexed"  // found by search and cited
	Failed   Status = "failed"   // cannot be indexed; Reason says why
	Deleting Status = "deleting" // on its way out
)

// A Document is a row of the library.
type Document struct {
	Path    string    `json:"path"`
	Version string    `json:"version"` // SHA-256 of the bytes, in hexadecimal
	Title   string    `json:"title"`
	Size    int64     `json:"size"`
	Status  Status    `json:"status"`
	Reason  string    `json:"reason,omitempty"`
	Chunks  int       `json:"chunks"`
	Updated time.Time `json:"updated"`

	blob string // key of the bytes; another one for each upload
}

// CheckPath returns an error that wraps [ErrDocument] unless path may name a
// document: relative, with slashes, without "." and ".." segments.
func CheckPath(path string) error {
	var err error
	switch {
	case !utf8.ValidString(path):
		err = errors.New("must be UTF-8")
	case strings.ContainsFunc(path, unicode.IsControl):
		err = errors.New("must not have a control character")
	case strings.ContainsRune(path, '\\'):
		err = errors.New("must have slashes, not backslashes")
	case len(path) > maxPath:
		err = fmt.Errorf("has %d bytes, the limit is %d", len(path), maxPath)
	case storage.CheckKey(path) != nil:
		err = errors.New("must be relative, with slashes, without \"..\"")
	}
	if err != nil {
		return ErrDocument.Wrap(err, "askdocs: path %.80q", path)
	}
	return nil
}

// maxPath is what every database can have in an index.
const maxPath = 900

func versionOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// pathID is a short stand-in for a path where length or alphabet is limited.
func pathID(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:16])
}

// newBlob returns a key of its own for every upload, so that none changes or
// removes the bytes of another one.
func newBlob(path string) string { return blobPrefix(path) + rand.Text() }

func blobPrefix(path string) string { return "documents/" + pathID(path) + "/" }

// chunkID is the same whenever the same bytes are indexed again.
func chunkID(path, version string, place int) string {
	return pathID(path) + "-" + version[:16] + "-" + strconv.Itoa(place)
}
