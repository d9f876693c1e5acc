// Package boot assembles an application of modules, starts it and stops it.
//
//	cfg, err := configfile.Load(ctx, configfile.Options{…})
//	…
//	err = boot.New(boot.Options{Config: cfg, Logger: logger}).
//		Add(boot.Choose("cache", memorycache.Module(), rediscache.Module()), orders.Module()).
//		Run(ctx)
//
// Start decodes the configuration of every module, registers every provider,
// checks the whole graph of services, and boots providers when those that they
// need are up, independent ones at the same time. If anything fails, everything
// that began is shut down again. Stop drains, shuts down in the reverse order,
// and releases what the container built. Every hook has a deadline, panics are
// errors, and every error is returned.
package boot
