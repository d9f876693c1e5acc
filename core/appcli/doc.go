// Package appcli is the command line of an application, assembled from what its
// modules contribute ([cli.Contributor]).
//
//	func main() {
//		var file string
//		os.Exit(appcli.Main(appcli.Options{
//			Name:    "orders",
//			Short:   "The order service",
//			Default: "serve",
//			Flags:   func(fs *flag.FlagSet) { fs.StringVar(&file, "config", "orders.yaml", "configuration `FILE`") },
//			Open:    func(ctx context.Context) (cli.Application, error) { return open(ctx, file) },
//		}))
//	}
//
// Every application has serve, doctor, gen, version and completion; core
// contributes config, graph and health, and other modules what they have, such
// as migrate up. Every command has --json and --help with examples and its exit
// statuses: 0 done, 1 failed, 2 the command line is wrong, others as documented.
// Flags stand anywhere, before or behind the command, with one dash or two.
//
// A command starts as much of the application as it needs, and stops it again.
// Results go to stdout; errors to stderr, a line each. SIGINT and SIGTERM end
// the context of the command, a second one the process.
package appcli
