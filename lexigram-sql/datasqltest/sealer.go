package datasqltest

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"sync"

	"github.com/lexigram/lexigram-go/contracts/security"
)

// sealer is a [security.Sealer] whose keys have a byte for an ID.
type sealer struct {
	mu      sync.Mutex
	keys    map[byte]cipher.AEAD
	current byte
}

// rotate makes another key current.
func (s *sealer) rotate() {
	var key [32]byte
	_, _ = rand.Read(key[:]) // never fails
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err) // of 32 bytes
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // of AES
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys == nil {
		s.keys = map[byte]cipher.AEAD{}
	}
	s.current++
	s.keys[s.current] = aead
}

// forget destroys every key but the current one.
func (s *sealer) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys = map[byte]cipher.AEAD{s.current: s.keys[s.current]}
}

func (s *sealer) Seal(_ context.Context, purpose string, plain []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[s.current].Seal([]byte{s.current}, nil, plain, []byte(purpose)), nil
}

func (s *sealer) Open(_ context.Context, purpose string, sealed []byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(sealed) == 0 || s.keys[sealed[0]] == nil {
		return nil, security.ErrOpen.Wrap(security.ErrKeyNotFound, "sealer: open")
	}
	plain, err := s.keys[sealed[0]].Open(nil, nil, sealed[1:], []byte(purpose))
	if err != nil {
		return nil, security.ErrOpen
	}
	return plain, nil
}
