package natsevents

import (
	"log/slog"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Durability says what an event survives that Publish has taken. A server
// writes to its disk at once but has the disk confirm only every sync_interval,
// which is two minutes unless its operator changed it, and which it does not
// tell its clients: with one replica a crash of the machine, though not one of
// the server's process, can lose that much. With three, each event is on two
// machines before it is taken.
type Durability struct {
	Server   string // version
	Cluster  string // its name; "" for a single server
	Stream   string
	Replicas int
	Storage  string // "file" or "memory"
	Persist  string // the stream's persist mode: "default", or "async", in which the server confirms before it writes
}

// LogValue implements slog.LogValuer.
func (d Durability) LogValue() slog.Value {
	return slog.GroupValue(slog.String("server", d.Server), slog.String("cluster", d.Cluster), slog.String("stream", d.Stream),
		slog.Int("replicas", d.Replicas), slog.String("storage", d.Storage), slog.String("persist", d.Persist))
}

func durabilityOf(nc *nats.Conn, info *jetstream.StreamInfo) Durability {
	return Durability{
		Server: nc.ConnectedServerVersion(), Cluster: nc.ConnectedClusterName(), Stream: info.Config.Name,
		Replicas: info.Config.Replicas, Storage: storageName(info.Config.Storage), Persist: persistName(info.Config.PersistMode),
	}
}

func storageName(s jetstream.StorageType) string {
	if s == jetstream.MemoryStorage {
		return "memory"
	}
	return "file"
}

func persistName(m jetstream.PersistModeType) string {
	if m == jetstream.AsyncPersistMode {
		return "async"
	}
	return "default"
}

// check returns an error wrapping [ErrDurability] if d is less than require says.
func (d Durability) check(require string) error {
	switch {
	case require == "":
	case d.Storage != "file":
		return ErrDurability.Wrap(nil, "natsevents: stream %q is in memory and Options.Require is %q", d.Stream, require)
	case d.Persist == "async":
		return ErrDurability.Wrap(nil, "natsevents: stream %q confirms before it writes (persist mode async) and Options.Require is %q", d.Stream, require)
	case require == RequireReplicated && d.Replicas < 3:
		return ErrDurability.Wrap(nil, "natsevents: stream %q has %d replicas and Options.Require is %q: set Options.Replicas to 3", d.Stream, d.Replicas, require)
	}
	return nil
}
