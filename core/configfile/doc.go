// Package configfile loads an application's configuration: files, the files of
// a profile, the environment and overrides, merged into one tree that never
// changes and knows where each of its values stands.
//
//	tree, err := configfile.Load(configfile.Options{
//		Files:     []configfile.File{{Path: "application.json"}},
//		EnvPrefix: "LEX",
//	})
//
// The layers, each over the ones before it:
//
//  1. Options.Files, in their order;
//  2. beside each of them the file of the profile: application.staging.json;
//  3. the environment: LEX_CACHE__REDIS__ADDR is cache.redis.addr;
//  4. Options.Overrides, such as flags of the command line.
//
// Mappings are merged key by key; everything else, lists too, is replaced. A null
// replaces as well.
//
// In strings of files, ${NAME} is the environment variable NAME and
// ${NAME:default} falls back to default if it is not set; $${ is a plain ${. A
// string that holds one is text, as the environment's own, and converted by the
// type of the field that it is decoded into.
package configfile
