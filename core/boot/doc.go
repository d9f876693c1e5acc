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
// that began is shut down again, except that the application starts without
// optional providers that fail ([lifecycle.Optional]), and says so in its health.
// Stop turns readiness off, waits for [Options].StopDelay, drains, shuts down in
// the reverse order, and releases what the container built: services by their
// Close, or by their own Shutdown ([lifecycle.Stopper]). Every hook has a deadline,
// panics are errors, every error is returned, and hooks can learn why the
// application stops ([lifecycle.StopCause]). [App.Report] says where the time of
// a start went.
package boot
