package library

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/ai"
	"github.com/lexigram/lexigram-go/contracts/sqldb"
	"github.com/lexigram/lexigram-go/lexigram-ai/rag"
)

// An Answer is what the library says to a question.
type Answer struct {
	Text      string     `json:"text"`
	Citations []Citation `json:"citations"` // in the order of the text, whose best sentence comes first; empty if nothing supports an answer
}

// A Citation names the place that a number in the text stands for.
type Citation struct {
	Number int    `json:"number"`
	Ref    string `json:"ref"` // path#anchor
	Path   string `json:"path"`
	Title  string `json:"title"`
}

// String returns the citation as askdocs prints it: "[1] path#section".
func (c Citation) String() string { return fmt.Sprintf("[%d] %s", c.Number, c.Ref) }

// An Asked is the activity of a question.
type Asked struct {
	Question  string `json:"question"`
	Citations int    `json:"citations"`
}

// passages is how many parts of documents a model is given.
const passages = 6

// Ask answers a question from the tenant's documents. Each piece of the text is
// given to onText as it comes, if that is not nil, and none after Ask returned;
// an error of onText ends Ask, but not the answer of others who asked the same
// at the same time. An answer without citations says that nothing supports one.
func (l *Library) Ask(ctx context.Context, question string, onText func(string) error) (Answer, error) {
	if err := l.checkQuestion(question); err != nil {
		return Answer{}, err
	}
	key, err := l.answerKey(ctx, question)
	if err != nil {
		return Answer{}, err
	}
	waiting, hear := listen(ctx, onText)
	answer, err := l.answers.Fetch(waiting, key, func(ctx context.Context, _ string) (Answer, error) {
		return l.answer(ctx, question, hear.piece)
	})
	hear.leave()
	if err == nil {
		err = hear.rest(answer.Text)
	}
	if err != nil {
		return Answer{}, err
	}
	l.tell(ctx, EventAsked, Asked{question, len(answer.Citations)})
	return answer, nil
}

// answerKey changes whenever what may be found does.
func (l *Library) answerKey(ctx context.Context, question string) (string, error) {
	var revision int64
	err := sqldb.QueryRow(ctx, l.o.DB, "SELECT revision FROM askdocs_revisions WHERE tenant = $tenant").Scan(&revision)
	if err != nil && !errors.Is(err, sqldb.ErrNoRows) {
		return "", Err.Wrap(err, "askdocs: read the revision of the library")
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d\n%s", revision, strings.TrimSpace(question)))
	return hex.EncodeToString(sum[:]), nil
}

// answer asks the model, with the best parts as its sources.
func (l *Library) answer(ctx context.Context, question string, onText func(string)) (Answer, error) {
	hits, err := l.Find(ctx, question, passages)
	if err != nil {
		return Answer{}, err
	}
	if len(hits) == 0 {
		onText(NothingFound)
		return Answer{Text: NothingFound, Citations: []Citation{}}, nil
	}
	sources := make([]rag.Passage, len(hits))
	for i, h := range hits {
		sources[i] = rag.Passage{Ref: h.Ref, Title: h.Title, Text: h.Text}
	}
	var text strings.Builder
	say := func(piece string) {
		if piece != "" {
			text.WriteString(piece)
			onText(piece)
		}
	}
	cite := newCiter(hits)
	for c, err := range ai.Stream(ctx, l.o.Chat, rag.Prompt(question, sources)) {
		if err != nil {
			return Answer{}, ErrChat.Wrap(err, "askdocs: ask the model")
		}
		say(cite.write(c.Text))
	}
	say(cite.rest())
	return Answer{Text: text.String(), Citations: cite.out}, nil
}

// NothingFound is the text of an answer for which no document was found.
const NothingFound = "Nothing in the documents supports an answer."
