# Needs Go and make. Targets that say bash need bash and git too.
.POSIX:
.SILENT: help
TOOL = GOWORK=off go -C tools

help: ## print what can be made (the default)
	sed -n 's/^\([a-z-]*\):.*## /make \1	/p' Makefile | expand -t 22

test: ## run every module's tests with the race detector; what lacks a server is skipped and listed
	$(TOOL) run ./cmd/testall

gates: ## run every gate of the repository (GATE=name runs one)
	$(TOOL) run ./cmd/gate $(GATE)

tidy: ## tidy every go.mod although siblings are unpublished (bash)
	bash tools/tidy.sh

tidy-check: ## fail where make tidy would change a go.mod or go.sum (bash)
	bash tools/tidy.sh -diff

format: ## rewrite every Go file with gofumpt
	$(TOOL) tool gofumpt -l -w ..

budget: ## rewrite tools/budget.txt with the third-party modules that each module now has
	$(TOOL) run ./cmd/gate -write budget

catalogue: ## check docs/catalogue.tsv and render docs/catalogue.md from it
	$(TOOL) run ./cmd/catalogue -write

servers: ## install what the integration tests need, on Debian as root (bash)
	bash tools/servers.sh

bench: ## measure ours and peers side by side and write docs/benchmarks.md
	GOWORK=off go -C tools/bench run . -write

prove-import: ## import 1,000 documents into askdocs and print throughput, peak heap and index sizes
	go test ./examples/askdocs -run '^$$' -bench Import1000 -benchtime 1x

prove-transfers: ## move money 10,000 times while PostgreSQL crashes and lines break at COMMIT, and see that the sums hold
	cd tools/integration && LEXIGRAM_TRANSFERS=10000 LEXIGRAM_REQUIRE=all GOWORK=off go test -count=1 -v -timeout 2h -run 'Transfers|Restart' ./postgresfaults

prove-nats: ## kill NATS servers, leaders, consumers and relays in the middle of 100,000 events, and see that nothing is lost or out of order
	cd tools/integration && LEXIGRAM_NATS_EVENTS=100000 LEXIGRAM_NATS_KILLS=50 LEXIGRAM_NATS_RELAY_KILLS=200 LEXIGRAM_REQUIRE=all GOWORK=off go test -count=1 -v -timeout 2h ./natsfaults

prove-rows: ## page and stream through 1,000,000 rows on SQLite and PostgreSQL and print times, memory and sizes
	LEXIGRAM_PROVE_ROWS=1000000 go test ./lexigram-sql/datasqltest -run TestProof -v -count=1
	GOWORK=off LEXIGRAM_PROVE_ROWS=1000000 go -C tools/integration test ./onpostgres -run TestProof -v -count=1

prove-events: ## append, read and project 1,000,000 events on SQLite and PostgreSQL and print rates and memory
	LEXIGRAM_PROVE_EVENTS=1000000 go test ./lexigram-events/eventssqltest -run TestEventStoreProof -v -count=1 -timeout 60m
	GOWORK=off LEXIGRAM_PROVE_EVENTS=1000000 go -C tools/integration test ./onpostgres -run TestEventStoreProof -v -count=1 -timeout 60m

prove-locks: ## torture locks in Redis for 10 minutes with fences and 10 without, while the server is killed, emptied and paused
	cd tools/integration && LEXIGRAM_LOCKS=600 LEXIGRAM_REQUIRE=all GOWORK=off go test -count=1 -v -timeout 1h -run TestLockTorture ./redisfaults

prove-stampede: ## fetch, kill, forget and cut the line of the loading cache in several processes on Redis, for long
	cd tools/integration && LEXIGRAM_STAMPEDES=50 LEXIGRAM_DEAD_LOADERS=10 LEXIGRAM_STALE_ROUNDS=10000 LEXIGRAM_REQUIRE=all GOWORK=off go test -count=1 -v -timeout 1h ./stampede

ci: ## do what CI does: servers, every test with nothing missing, every gate (bash)
	bash .ci/run

.PHONY: help test gates tidy tidy-check format budget catalogue servers bench prove-import prove-transfers prove-nats prove-rows prove-events prove-locks prove-stampede ci
