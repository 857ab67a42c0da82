# Two commands: `make run` starts the gateway, `make test` runs every test. Both install what is missing first.

SHELL := /bin/bash
SWIFT_FLAGS := --explicit-target-dependency-import-check error

.PHONY: run test verify-s4 packages lint clean

run: packages
	swift build -c release --product vaani $(SWIFT_FLAGS)
	swift build -c release --product vaani-media $(SWIFT_FLAGS)
	swift build -c release --product vaani-speech $(SWIFT_FLAGS)
	swift build -c release --product vaani-document $(SWIFT_FLAGS)
	exec .build/release/vaani serve $(ARGS)

test: packages lint
	swift build --build-tests $(SWIFT_FLAGS)
	# One after the other: some tests hold real sockets to real deadlines, and others take every core.
	swift test --skip-build --no-parallel
	Tests/EndToEnd/run
	Tests/Interop/crash-safety 10
	Tests/Interop/schemathesis || [ $$? -eq 77 ]
	Tests/Interop/autobahn || [ $$? -eq 77 ]
	Tests/Interop/openai-sdk || [ $$? -eq 77 ]
	Tests/Interop/generate-personas
	Tests/Interop/provider-walk

# The acceptance list of the astrologer gateway alone, against the built program.
verify-s4: packages
	swift build $(SWIFT_FLAGS)
	Tests/EndToEnd/run -k S4

# The formatter's rules, and nothing that it would change.
lint:
	swift format lint --recursive --strict --configuration .swift-format Sources Tests Package.swift

packages:
	@.ci/install-packages

clean:
	rm -rf .build
