// Package sdnotify tells systemd how a service is: that it is ready, that it
// stops, and, for the watchdog, that it is alive. The unit has Type=notify:
//
//	app := boot.New(o).Add(orders.Module(), sdnotify.Module(sdnotify.Options{}))
//
// Where systemd does not run the process, all of it does nothing.
package sdnotify
