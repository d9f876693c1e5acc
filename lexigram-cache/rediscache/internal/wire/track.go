package wire

import (
	"bufio"
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// MaxStaleness is how long a tracker may be without a sign that it has heard all.
const MaxStaleness = 2 * time.Second

// beat is how often a tracker asks for that sign.
const beat = MaxStaleness / 4

var (
	errSilence  = ErrUnavailable.Wrap(nil, "a server did not answer for %v", MaxStaleness)
	errTopology = ErrUnavailable.Wrap(nil, "the cluster has changed its nodes or slots")
)

// A Tracker is a connection of its own to one server, which tells which keys
// change (CLIENT TRACKING in broadcast mode, RESP3). go-redis reads what a server
// sends unasked only when it asks for something.
type Tracker struct {
	conn    net.Conn
	r       *bufio.Reader
	cluster string // its topology, "" if there is none
	known   time.Time
}

// Track connects to the server of client and has it tell the keys that begin with prefix.
func Track(ctx context.Context, client *redis.Client, prefix string, cluster bool) (*Tracker, error) {
	o := client.Options()
	if o.StreamingCredentialsProvider != nil {
		return nil, errors.ErrUnsupported
	}
	user, password, err := credentials(ctx, o)
	if err != nil {
		return nil, err
	}
	conn, err := o.Dialer(ctx, o.Network, o.Addr)
	if err != nil {
		return nil, err
	}
	t := &Tracker{conn: conn, r: bufio.NewReader(conn)}
	leave := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer leave()
	if err := t.greet(user, password, prefix, cluster); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return t, nil
}

// credentials are those that client's own connections have.
func credentials(ctx context.Context, o *redis.Options) (user, password string, err error) {
	switch {
	case o.CredentialsProviderContext != nil:
		return o.CredentialsProviderContext(ctx)
	case o.CredentialsProvider != nil:
		user, password = o.CredentialsProvider()
		return user, password, nil
	}
	return o.Username, o.Password, nil
}

func (t *Tracker) greet(user, password, prefix string, cluster bool) error {
	if err := t.conn.SetDeadline(time.Now().Add(MaxStaleness)); err != nil {
		return err
	}
	hello := []string{"HELLO", "3"}
	if password != "" {
		if user == "" {
			user = "default"
		}
		hello = append(hello, "AUTH", user, password)
	}
	if _, err := t.ask(hello...); err != nil {
		return err
	}
	if cluster {
		info, err := t.ask("CLUSTER", "INFO")
		if err != nil {
			return err
		}
		t.cluster = topology(info.Text)
	}
	t.known = time.Now()
	if _, err := t.ask("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", prefix); err != nil {
		return err
	}
	return t.conn.SetDeadline(time.Time{})
}

// topology returns what changes when a cluster's nodes or slots do: its epoch, and
// how many masters have slots.
func topology(info string) string {
	var epoch, size string
	for line := range strings.Lines(info) {
		switch name, value, _ := strings.Cut(strings.TrimSpace(line), ":"); name {
		case "cluster_current_epoch":
			epoch = value
		case "cluster_size":
			size = value
		}
	}
	return epoch + "/" + size
}

// Complete returns an error unless trackers are all masters of one cluster, or the only server.
func Complete(trackers []*Tracker) error {
	for _, t := range trackers {
		if t.cluster != trackers[0].cluster || t.cluster != "" && !strings.HasSuffix(t.cluster, "/"+strconv.Itoa(len(trackers))) {
			return errTopology
		}
	}
	return nil
}

// send writes one command.
func (t *Tracker) send(args ...string) error {
	b := strconv.AppendInt([]byte{'*'}, int64(len(args)), 10)
	for _, a := range args {
		b = append(strconv.AppendInt(append(b, "\r\n$"...), int64(len(a)), 10), "\r\n"...)
		b = append(b, a...)
	}
	_, err := t.conn.Write(append(b, "\r\n"...))
	return err
}

// ask sends a command and returns the answer. Nothing comes unasked yet.
func (t *Tracker) ask(args ...string) (Reply, error) {
	if err := t.send(args...); err != nil {
		return Reply{}, err
	}
	reply, err := ReadReply(t.r)
	if err == nil && reply.Kind == '-' {
		err = serverError(reply.Text)
	}
	return reply, err
}

// serverError is an error that a server answered.
type serverError string

func (e serverError) Error() string { return string(e) }

// RedisError implements redis.Error.
func (serverError) RedisError() {}

// Run calls changed with each key that the server tells, and with "" for all of
// them, until ctx ends, the connection is lost, or the server has not said for
// MaxStaleness that nothing is under way. It closes the tracker, and calls nothing
// once it has returned.
func (t *Tracker) Run(ctx context.Context, changed func(key string)) error {
	ended, answers := make(chan error, 1), make(chan Reply, 1)
	go func() { ended <- t.read(ctx, answers, changed) }()
	err := t.beat(ctx, ended, answers)
	_ = t.conn.Close() // so that read ends
	<-ended
	return err
}

// read hands on what the server tells and answers.
func (t *Tracker) read(ctx context.Context, answers chan<- Reply, changed func(key string)) error {
	for {
		reply, err := ReadReply(t.r)
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case reply.Kind != '>':
			select {
			case answers <- reply:
			default:
				return errProtocol // nobody asked
			}
		case len(reply.List) == 2 && reply.List[0].Text == "invalidate":
			tell(reply.List[1], changed)
		}
	}
}

// tell calls changed for each key, or for all of them if the server lost count.
func tell(keys Reply, changed func(key string)) {
	if keys.Kind != '*' {
		changed("")
		return
	}
	for _, key := range keys.List {
		changed(key.Text)
	}
}

// beat asks the server, again and again, for an answer that comes after all it had to tell.
func (t *Tracker) beat(ctx context.Context, ended chan error, answers <-chan Reply) error {
	question := []string{"PING"}
	if t.cluster != "" {
		question = []string{"CLUSTER", "INFO"}
	}
	timer := time.NewTimer(beat)
	defer timer.Stop()
	known := t.known // nothing that changed before then is untold
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-ended:
			ended <- err
			return err
		}
		asked := time.Now()
		if err := errors.Join(t.conn.SetWriteDeadline(known.Add(MaxStaleness)), t.send(question...)); err != nil {
			return err
		}
		timer.Reset(time.Until(known.Add(MaxStaleness)))
		select {
		case answer := <-answers:
			if t.cluster != "" && topology(answer.Text) != t.cluster {
				return errTopology
			}
		case <-timer.C:
			return errSilence
		case <-ctx.Done():
			return context.Cause(ctx)
		case err := <-ended:
			ended <- err
			return err
		}
		known = asked
		timer.Reset(time.Until(asked.Add(beat)))
	}
}

// Close closes a tracker that does not run.
func (t *Tracker) Close() error { return t.conn.Close() }
