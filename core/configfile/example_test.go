package configfile_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/lexigram/lexigram-go/contracts/config"
	"github.com/lexigram/lexigram-go/core/configfile"
)

func Example() {
	dir, err := os.MkdirTemp("", "configfile")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "application.json")
	text := `{"sqlite": {"path": "${DATA}/app.db", "busy_timout": "2s"}}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		panic(err)
	}
	tree, err := configfile.Load(context.Background(), configfile.Options{
		Files:     []configfile.File{{Path: file}},
		EnvPrefix: "LEX",
		Environ:   []string{"DATA=/var/lib/app", "LEX_ENV=production", "LEX_SQLITE__PASSWORD=hunter2"},
	})
	if err != nil {
		panic(err)
	}

	type Config struct {
		Path        string
		BusyTimeout time.Duration
		Password    config.Secret[string]
	}
	defaults := Config{Path: "app.db", BusyTimeout: 5 * time.Second}
	_, err = config.Section(tree, "sqlite", defaults)
	fmt.Println(filepath.Base(err.Error()))
	fmt.Println(tree.Environment())
	// Output:
	// application.json:1: sqlite.busy_timout: unknown key (did you mean "busy_timeout"?)
	// production
}

func ExampleTree_Dump() {
	tree, err := configfile.Load(context.Background(), configfile.Options{
		EnvPrefix: "LEX",
		Environ:   []string{"LEX_SQLITE__URL=postgres://app:hunter2@db/app", "LEX_SQLITE__PASSWORD=hunter2"},
		Overrides: map[string]any{"cache.size": 1024},
	})
	if err != nil {
		panic(err)
	}
	if err := tree.Dump(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// cache.size      = 1024                         # override
	// sqlite.password = ***                          # environment variable LEX_SQLITE__PASSWORD
	// sqlite.url      = "postgres://app:***@db/app"  # environment variable LEX_SQLITE__URL
}

func ExampleTree_Explain() {
	tree, err := configfile.Load(context.Background(), configfile.Options{
		Defaults:  map[string]any{"cache.backend": "memory"},
		EnvPrefix: "LEX",
		Environ:   []string{"LEX_CACHE__BACKEND=redis", "LEX_CACHE__REDIS__PASSWORD=hunter2"},
		Flags:     []string{"cache.backend=tiered"},
	})
	if err != nil {
		panic(err)
	}
	for _, e := range tree.Explain("cache") {
		fmt.Println(e)
	}
	// Output:
	// cache.backend
	//   * flag        "tiered"  # flag cache.backend
	//     environment "redis"  # environment variable LEX_CACHE__BACKEND
	//     default     "memory"  # default
	// cache.redis.password
	//   * environment ***  # environment variable LEX_CACHE__REDIS__PASSWORD
}
