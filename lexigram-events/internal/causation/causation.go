// Package causation says what the event that is handled leaves in the events that come of it.
package causation

import "github.com/lexigram/lexigram-go/contracts/events"

// Headers returns the headers of an event that ev causes.
func Headers(ev events.Event) map[string]string {
	h := map[string]string{events.HeaderCausation: ev.ID, events.HeaderCorrelation: ev.ID}
	for _, name := range []string{events.HeaderCorrelation, events.HeaderTenant} {
		if v := ev.Headers[name]; v != "" {
			h[name] = v
		}
	}
	return h
}
