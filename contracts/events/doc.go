// Package events is the contract between code that announces facts and the
// bus that carries them. An [Event] maps onto CloudEvents 1.0.
package events
