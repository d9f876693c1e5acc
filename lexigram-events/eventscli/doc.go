// Package eventscli adds to the command line of an application what people do
// with any bus of events and any event store: watch what is published, publish
// an event, and look into streams.
//
//	app.Add(natsevents.Module(natsevents.Config{}), eventscli.Module())      // events tail, events publish
//	app.Add(sqleventstore.Module(sqleventstore.Config{}), eventscli.Streams()) // streams list, streams read
//
// Dead letters are the commands of the bus that keeps them.
package eventscli
