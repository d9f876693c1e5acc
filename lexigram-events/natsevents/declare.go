package natsevents

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A field is what one part of a declaration is and what it should be.
type field struct{ name, is, want string }

// drift returns an error wrapping [ErrDrift] that names the fields that differ.
func drift(what, name string, fields []field) error {
	var errs []error
	for _, f := range fields {
		if f.is != f.want {
			errs = append(errs, fmt.Errorf("%s is %s, not %s", f.name, f.is, f.want))
		}
	}
	if len(errs) == 0 {
		return nil
	}
	return ErrDrift.Wrap(errors.Join(errs...), "natsevents: %s %q was declared otherwise; set Options.Update to change it", what, name)
}

// metaPartitions is where a stream says into how many partitions its keys go.
const metaPartitions = "lexigram.partitions"

// eventStream is the declaration of the stream of events.
func (o *Options) eventStream() jetstream.StreamConfig {
	c := jetstream.StreamConfig{
		Name: o.Stream, Description: "events", Subjects: o.subjects(), Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardNew,
		MaxAge: o.MaxAge, MaxBytes: o.MaxBytes, Duplicates: o.DedupWindow,
		Replicas: o.Replicas, Storage: o.storage(), AllowDirect: true,
		Metadata: map[string]string{metaPartitions: strconv.Itoa(o.Partitions)},
	}
	if c.MaxBytes == 0 {
		c.MaxBytes = -1
	}
	return c
}

// deadStream is the declaration of the stream of dead letters.
func (o *Options) deadStream() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: o.Stream + "-dead", Description: "dead letters of " + o.Stream, Subjects: []string{o.Prefix + ".dead.>"},
		Retention: jetstream.LimitsPolicy, Discard: jetstream.DiscardOld, MaxBytes: -1,
		MaxAge: o.DeadAge, Duplicates: 2 * time.Minute, Replicas: o.Replicas, Storage: o.storage(), AllowDirect: true,
	}
}

func (o *Options) storage() jetstream.StorageType {
	if o.Memory {
		return jetstream.MemoryStorage
	}
	return jetstream.FileStorage
}

// patient calls fn until it succeeds, fails for good, or has failed for a few
// seconds because the server has no leader, or is not ready for what was asked.
func patient(ctx context.Context, fn func() error) error {
	const most, wait = 5 * time.Second, 100 * time.Millisecond
	for began := time.Now(); ; {
		err := fn()
		if err == nil || !transient(err) || time.Since(began) > most {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(context.Cause(ctx), err)
		}
	}
}

// codeStore is what a server answers that deletes the directory of the last
// stream at the moment.
const codeStore = 10049

func transient(err error) bool {
	var e *jetstream.APIError
	if errors.As(err, &e) {
		return e.Code == 503 && e.ErrorCode != jetstream.JSErrCodeJetStreamNotEnabledForAccount && !isFull(e) || e.ErrorCode == codeStore
	}
	return errors.Is(err, nats.ErrNoResponders)
}

// declareStream creates the stream, or sees that it is as want says.
func declareStream(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig, update bool) (s jetstream.Stream, err error) {
	err = patient(ctx, func() error {
		s, err = declareOnce(ctx, js, want, update)
		return err
	})
	return s, err
}

func declareOnce(ctx context.Context, js jetstream.JetStream, want jetstream.StreamConfig, update bool) (jetstream.Stream, error) {
	s, err := js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		if s, err = js.CreateStream(ctx, want); !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) {
			return s, err
		}
		s, err = js.Stream(ctx, want.Name) // somebody else was faster
	}
	if err != nil {
		return nil, err
	}
	is := s.CachedInfo().Config
	err = drift("stream", want.Name, streamFields(is, want))
	if err == nil || !update {
		return s, err
	}
	changed := is // what others have set besides stays
	changed.Subjects, changed.Retention, changed.Discard = want.Subjects, want.Retention, want.Discard
	changed.MaxAge, changed.MaxBytes, changed.Duplicates = want.MaxAge, want.MaxBytes, want.Duplicates
	changed.Replicas, changed.Storage, changed.Metadata = want.Replicas, want.Storage, want.Metadata
	return js.UpdateStream(ctx, changed)
}

func streamFields(is, want jetstream.StreamConfig) []field {
	sorted := func(s []string) string { return fmt.Sprint(slices.Sorted(slices.Values(s))) }
	return []field{
		{"subjects", sorted(is.Subjects), sorted(want.Subjects)},
		{"partitions", is.Metadata[metaPartitions], want.Metadata[metaPartitions]},
		{"retention", is.Retention.String(), want.Retention.String()},
		{"discard", is.Discard.String(), want.Discard.String()},
		{"max_age", is.MaxAge.String(), want.MaxAge.String()},
		{"max_bytes", fmt.Sprint(is.MaxBytes), fmt.Sprint(want.MaxBytes)},
		{"dedup_window", is.Duplicates.String(), want.Duplicates.String()},
		{"replicas", fmt.Sprint(is.Replicas), fmt.Sprint(want.Replicas)},
		{"storage", is.Storage.String(), want.Storage.String()},
	}
}

// declareBucket creates the bucket in which the processes of groups meet.
func declareBucket(ctx context.Context, js jetstream.JetStream, o *Options) (kv jetstream.KeyValue, err error) {
	err = patient(ctx, func() error {
		kv, err = declareBucketOnce(ctx, js, o)
		return err
	})
	return kv, err
}

func declareBucketOnce(ctx context.Context, js jetstream.JetStream, o *Options) (jetstream.KeyValue, error) {
	want := jetstream.KeyValueConfig{
		Bucket: o.Stream + "-groups", Description: "who works on what of " + o.Stream, History: 1, TTL: o.Lease,
		Replicas: o.Replicas, Storage: o.storage(),
	}
	if o.Update {
		return js.CreateOrUpdateKeyValue(ctx, want)
	}
	kv, err := js.KeyValue(ctx, want.Bucket)
	if errors.Is(err, jetstream.ErrBucketNotFound) {
		if kv, err = js.CreateKeyValue(ctx, want); errors.Is(err, jetstream.ErrBucketExists) {
			kv, err = js.KeyValue(ctx, want.Bucket)
		}
	}
	if err != nil {
		return nil, err
	}
	s, err := kv.Status(ctx)
	if err != nil {
		return nil, err
	}
	is := s.Config()
	return kv, drift("bucket", want.Bucket, []field{
		{"lease", is.TTL.String(), want.TTL.String()},
		{"replicas", fmt.Sprint(is.Replicas), fmt.Sprint(want.Replicas)},
		{"storage", is.Storage.String(), want.Storage.String()},
	})
}
