package auditlog_test

import (
	"context"
	"fmt"
	"strings"

	"github.com/lexigram/lexigram-go/contracts/audit"
	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/auditlog"
	"github.com/lexigram/lexigram-go/core/keys"
)

func Example() {
	ctx := context.Background()
	ring, err := keys.FromSecret(config.NewSecret(strings.Repeat("32 random bytes ", 2)), "2026-11")
	if err != nil {
		fmt.Println(err)
		return
	}
	store := &auditlog.Memory{} // or one over SQL
	recorder, err := auditlog.NewRecorder(store, auditlog.Options{Source: "accounts", Keys: ring})
	if err != nil {
		fmt.Println(err)
		return
	}
	recorder.Log(ctx, audit.Entry{
		Action: "user.update", Actor: "user/7", ResourceType: "user", ResourceID: "9",
		Metadata: map[string]string{"ip": "10.0.0.1", "session_token": "abc"},
	})
	for e, err := range store.Query(ctx, audit.Query{Actor: "user/7", Limit: 20}) {
		fmt.Println(e.Action, e.ResourceID, e.Outcome, e.Metadata, err)
	}
	verifier, err := auditlog.NewVerifier(ring)
	if err != nil {
		fmt.Println(err)
		return
	}
	findings, err := verifier.Verify(ctx, store, audit.Query{})
	fmt.Println(len(findings), err)
	// Output:
	// user.update 9 success map[ip:10.0.0.1 session_token:***] <nil>
	// 0 <nil>
}
