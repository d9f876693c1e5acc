package natsevents

import (
	"github.com/lexigram/lexigram-go/contracts/errs"
	"github.com/lexigram/lexigram-go/contracts/events"
)

var (
	// ErrDrift reports a stream or a consumer on the server that was declared
	// otherwise than the options say. The error names the field and both values.
	ErrDrift = events.Err.Sub("LEX_ERR_EVT_060", errs.Conflict, "events: declared otherwise on the server")
	// ErrDurability reports a bus that keeps less than Options.Require says.
	ErrDurability = events.Err.Sub("LEX_ERR_EVT_061", errs.Invalid, "events: not durable enough")
	// ErrUnavailable reports a server that is not there or does not answer.
	ErrUnavailable = events.Err.Sub("LEX_ERR_EVT_062", errs.Unavailable, "events: server unavailable")
	// ErrNoLetter reports a dead letter that is not there.
	ErrNoLetter = events.Err.Sub("LEX_ERR_EVT_063", errs.NotFound, "events: no such dead letter")
	// errRefused reports an event that the server refused.
	errRefused = events.Err.Sub("LEX_ERR_EVT_064", errs.Unavailable, "events: refused by the server")
	errGoexit  = errs.ErrPanic.Sub("LEX_ERR_EVT_065", errs.Internal, "panic: handler ended its goroutine")
	errEndless = events.ErrPoison.Sub("LEX_ERR_EVT_066", events.ErrPoison.Kind(), "events: poison: delivered too often without an answer")
)
