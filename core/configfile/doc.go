// Package configfile loads an application's configuration: files, the files of
// a profile, the environment and the command line, merged into one tree that never
// changes and knows where each of its values stands.
//
//	tree, err := configfile.Load(ctx, configfile.Options{
//		Files:     []configfile.File{{Path: "application.json"}},
//		EnvPrefix: "LEX",
//	})
//
// The layers, each over the ones before it:
//
//  1. defaults: Options.Defaults, over what the structs hold that sections are decoded into;
//  2. Options.Files, in their order;
//  3. beside each of them the file of the profile: application.staging.json;
//  4. the variables of Options.EnvFiles;
//  5. the environment: LEX_CACHE__REDIS__ADDR is cache.redis.addr;
//  6. Options.Flags, as -set cache.redis.addr=… gives them;
//  7. Options.Overrides, which the program sets itself.
//
// Mappings are merged key by key; everything else, lists too, is replaced. A null
// replaces as well.
//
// # Text
//
// What variables and flags hold is text until it is decoded, and then converted by
// the type of the field: 00123456789 and 1e5 stay what they are in a string. A
// list of scalars is written with commas between; elements of any list are
// numbered, LEX_CACHE__BACKENDS__0__TYPE, and set those of the layers below, or
// append to them. Keys of variables are lower case. Numbers with a gap are an error, and so is a variable next to
// one that makes a section of it, LEX_DB and LEX_DB__URL.
//
// # References
//
// In strings of files, ${NAME} is the environment variable NAME and
// ${NAME:default} falls back to default if it is not set; $${ is a plain ${. A
// string that holds one is text, as the environment's own. ${secret:name} is a
// secret of Options.Secrets, and belongs into a field of type config.Secret. Other
// layers hold no references: a password may contain ${.
//
// # Files of variables
//
// A .env file has an assignment on each line, NAME=plain, NAME='as it stands' or
// NAME="with \" \\ \$ and \` escaped", perhaps after "export", and comments after
// a #. Quoted values go on over lines. It is read strictly: what a shell would
// understand in another way, such as a plain value with a space or a $, is an
// error that names the line, and so is a name that is set twice.
//
// # Production
//
// The environment is what LEX_ENV says, or else APP_ENV, or else the key
// "environment"; in upper or lower case, and without any of them development. In
// production and staging these are errors, all at once: the key "debug" being
// true, a secret that is a placeholder (changeme, change-me, dev-secret,
// placeholder, xxx), and one that is too short for what its name says: 32 bytes
// for jwt_secret, jwt_signing_key, signing_key, secret_key, access_token_secret,
// encryption_key, session_secret and admin_secret, 16 for oauth_client_secret,
// client_secret and api_secret. Elsewhere [Tree.Warnings] returns them.
package configfile
