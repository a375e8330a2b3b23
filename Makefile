# Every command of this project; `make help` lists them. Slow steps run once: the binary is published only when a source has changed.
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: help udev-test install-nats fleet-demo fleet-scale fleet-storm build run test client-test soak mutants bench bench-micro vm-test vm-shell pack pack-test package package-test rpm rpm-test init-test arm64-test image image-test systemd-test boot-time contact-test offline-test cross linker install uninstall tarball release release-test dist vendor format clean sdk install-test-tools

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

# With the packages that `make vendor` has collected, a build needs no network.
ifneq ($(wildcard vendor/nuget.config),)
export RestoreConfigFile := $(CURDIR)/vendor/nuget.config
export NUGET_PACKAGES := $(CURDIR)/artifacts/nuget
endif

# Runs a slow command: prints what it does, how far it is and how long it took. The command's own output is kept in artifacts/log.
step = packaging/step.sh artifacts/log/$(1).log "$(2)"

binary := artifacts/bin/ueventctl
nats := artifacts/bin/uevent-nats
# Directories as well, because their times change when a file is deleted.
sources_of = $(shell find $(1) \( -name bin -o -name obj \) -prune -o -print) $(wildcard Directory.*.props global.json)
sources := $(call sources_of,src/UeventManager src/UeventManager.Core src/UeventManager.Client src/Directory.Build.props)
nats_sources := $(sources) $(call sources_of,src/UeventManager.Fleet src/UeventManager.Nats)
# NATIVE=no builds one file that contains the .NET runtime, for machines without a C compiler.
NATIVE ?= yes
NEEDS_LINKER = machine code needs a C compiler to link it, and there is no $(1): install it (Debian: apt-get install $(2)), or say NATIVE=no for a program that starts four times as slowly and takes twice the memory
NEEDS_SDK = the .NET 10 SDK is needed and `dotnet --version` does not show it: install it from https://dotnet.microsoft.com/download/dotnet/10.0 (Ubuntu: apt-get install dotnet-sdk-10.0; Debian: the same, once the packages of that page are added)

# ARCH=arm64 needs a C compiler for arm64.
ARCH ?= amd64
cross := $(if $(filter amd64,$(ARCH)),,$(if $(filter arm64,$(ARCH)),aarch64,$(ARCH))-linux-gnu)

##@ Build and run

build: $(binary) $(nats) ## build artifacts/bin/ueventctl and uevent-nats: machine code that needs only libc

# Needs no privileges.
run: $(binary) ## show events as devices come and go, without a daemon or root (ARGS='--json -s net')
	@$(binary) monitor --standalone --rules rules $(ARGS)

##@ Test

test: $(binary) $(nats) ## run all tests; as root also those on real devices (TESTS='-class *Veth*' runs a part)
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build UeventManager.sln --configuration Release --nologo -tl:off
	@tests/run.sh $(TESTS)

# The clients come from Debian's packages, which are unpacked and never installed. A client that is not available is skipped with the reason.
client-test: $(binary) ## run unmodified libvirtd, NetworkManager, libusb and others behind `ueventctl forward` (root)
	@$(call step,unpack-clients,unpacking clients of udev) tests/unpack-clients.sh
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build tests/UeventManager.KernelTests --configuration Release --nologo -tl:off
	@tests/UeventManager.KernelTests/bin/Release/net10.0/UeventManager.KernelTests -noLogo -explicit only -namespace 'UeventManager.KernelTests.RealClients' -showLiveOutput $(if $(CI),-failSkips)

# Each release's udevd is unpacked with its own libc and never installed.
SUITES ?= trixie unstable
udev-test: $(binary) ## run the tests beside udevd with udevd of newer releases of Debian (SUITES="trixie unstable"; root)
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build tests/UeventManager.KernelTests --configuration Release --nologo -tl:off
	@for suite in $(SUITES); do tests/unpack-udev.sh $$suite && echo "beside udevd of $$suite:" && UEVENT_TEST_UDEVD=$$suite \
		tests/UeventManager.KernelTests/bin/Release/net10.0/UeventManager.KernelTests -noLogo -class '*Udev*' -class '*.Retell*' -class '*ForwardRefusal*' $(if $(CI),-failSkips) || exit 1; done

# The simulator goes on until it has hit SOAK_RACES create/remove races.
SOAK_SECONDS ?= 120
SOAK_RACES ?= 3000000
SOAK_CLASSES ?= *Fuzz* *Soak* *Simulation* *CreateRemoveRace* *WaitingCrowd* *UdevRandom* *PlotTests* *RecordingFormat*
soak: $(binary) $(nats) ## run the random tests for minutes instead of seconds (SOAK_SECONDS=3600)
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build UeventManager.sln --configuration Release --nologo -tl:off
	@UEVENT_TEST_FUZZ_SECONDS=$(SOAK_SECONDS) UEVENT_TEST_RACES=$(SOAK_RACES) \
		UNIT_DEADLINE=$$((600 + 20 * $(SOAK_SECONDS) + $(SOAK_RACES) / 500)) KERNEL_DEADLINE=$$((600 + 20 * $(SOAK_SECONDS))) \
		tests/run.sh $(foreach class,$(SOAK_CLASSES),-class '$(class)')
	@UEVENT_TEST_FUZZ_SECONDS=$(SOAK_SECONDS) tests/UeventManager.KernelTests/bin/Release/net10.0/UeventManager.KernelTests -noLogo -explicit only -class '*FleetSoakWorldTests'

# BENCH=quick takes three minutes, BENCH=full half an hour, most of it for udevd. BENCH=forward measures forward into namespaces alone. The report goes to artifacts/bench.
BENCH ?= quick
bench: $(binary) ## measure the cost beside a bare reader, a C forwarder and udevd (BENCH=full, growth, forward; root)
	@$(call step,build-benchmarks,building the benchmarks) dotnet build tests/UeventManager.Benchmarks --configuration Release --nologo -tl:off
	@tests/UeventManager.Benchmarks/run.sh $(BENCH)

bench-micro: sdk ## compare what one event costs and allocates with a baseline (ACCEPT=accept replaces the baseline)
	@$(call step,build-benchmarks,building the benchmarks) dotnet build tests/UeventManager.Benchmarks --configuration Release --nologo -tl:off
	@tests/UeventManager.Benchmarks/bin/Release/net10.0/UeventManager.Benchmarks micro tests/UeventManager.Benchmarks/Micro/baseline.json $(ACCEPT) 2> artifacts/bench-micro.log

# Takes some minutes.
mutants: sdk ## check that the simulator finds every deliberate mistake of tests/mutants
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build tests/UeventManager.Tests --configuration Release --nologo -tl:off
	@tests/UeventManager.Tests/bin/Release/net10.0/UeventManager.Tests -noLogo -explicit only -method '*.The_simulator_finds_every_mutant'

vm-test: $(if $(cross),cross,$(binary)) ## run the daemon on real devices in a guest (VM_KERNEL=6.1, VM_ONLY=mdev,pci, VM_FULL=1, ARCH=arm64)
	@VM_ARCH=$(ARCH) tests/vm/build.sh
	@VM_ARCH=$(ARCH) tests/vm/boot.sh

vm-shell: $(if $(cross),cross,$(binary)) ## open a prompt in that guest, with the daemon running
	@VM_ARCH=$(ARCH) tests/vm/build.sh
	@VM_ARCH=$(ARCH) tests/vm/boot.sh shell

systemd-test: $(binary) ## run the package under systemd in a guest of Debian (VM_SUITE=trixie; root)
	@tests/vm/build.sh
	@tests/systemd/build.sh
	@tests/systemd/boot.sh

boot-time: $(binary) ## measure what retell costs the boot of that guest (BOOTS=6; root)
	@tests/vm/build.sh
	@tests/systemd/build.sh
	@tests/systemd/boot-time.sh

contact-test: $(binary) ## follow README.md in a clean root of Debian, and make common mistakes (root)
	@tests/systemd/build.sh
	@tests/systemd/contact.sh

# Needs gcc-aarch64-linux-gnu and qemu-user; takes seven minutes on two processors with nothing else to do. As root also the daemon on this kernel.
arm64-test: ## run the unit tests and the program for arm64 under qemu-user
	@$(MAKE) --no-print-directory cross ARCH=arm64
	@$(call step,build-arm64-tests,building the tests for arm64) dotnet publish tests/UeventManager.Tests --configuration Release --runtime linux-arm64 --self-contained \
		--nologo -tl:off --artifacts-path artifacts/build/arm64-tests --output artifacts/arm64-tests
	@tests/arm64/test.sh

fleet-demo: $(binary) $(nats) ## show a fleet on this machine: a broker, three hosts in namespaces and a consumer (root)
	@if ! command -v nats-server > /dev/null && [ ! -x artifacts/tools/nats-trixie/nats-server ]; then tests/unpack-nats.sh trixie; fi
	@tests/fleet-demo.sh

# Each row ends by itself, at the latest after eight minutes. HOSTS= measures one bridge alone.
HOSTS ?= 10 100 1000
DEVICES ?= 400
CONSUMERS ?= 10
fleet-scale: $(nats) ## measure what a fleet costs a broker, a consumer and a host (HOSTS="10 100" DEVICES=400 CONSUMERS=10)
	@if [ ! -x artifacts/tools/nats-trixie/nats-server ]; then tests/unpack-nats.sh trixie; fi
	@$(call step,build-fleet-scale,building the measurement) dotnet build tests/UeventManager.FleetScale --configuration Release --nologo -tl:off
	@tests/UeventManager.FleetScale/bin/Release/net10.0/UeventManager.FleetScale artifacts/tools/nats-trixie/nats-server $(nats) $(DEVICES) $(CONSUMERS) $(HOSTS)

fleet-storm: $(binary) $(nats) ## send 100,000 events to a daemon with a bridge, a consumer and another subscriber (root)
	@if [ ! -x artifacts/tools/nats-trixie/nats-server ]; then tests/unpack-nats.sh trixie; fi
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build tests/UeventManager.KernelTests --configuration Release --nologo -tl:off
	@tests/UeventManager.KernelTests/bin/Release/net10.0/UeventManager.KernelTests -noLogo -explicit only -class '*FleetStormTests' -showLiveOutput

##@ Packages

pack: sdk ## build the client library: artifacts/packages/UeventManager.Client*.nupkg
	@for part in Client Client.Testing Client.Hosting; do $(call step,pack-$$part,building UeventManager.$$part) dotnet pack src/UeventManager.$$part \
		--configuration Release --nologo -tl:off --output artifacts/packages -p:PackAllFrameworks=true --artifacts-path artifacts/build/client || exit 1; done
	@ls artifacts/packages/*.nupkg

pack-test: pack ## use the client library's package in a new project
	@packaging/client-test.sh

package: $(binary) $(nats) $(if $(cross),cross) ## build Debian's packages: artifacts/packages/uevent-manager_*.deb (ARCH=arm64)
	@TOOL=$(binary) packaging/deb/build.sh $(ARCH) $(if $(cross),artifacts/$(ARCH)/ueventctl,$(binary))
	@packaging/deb/build-udev.sh
	@packaging/deb/build-dev.sh
	@NATS_TOOL=$(nats) packaging/deb/build-nats.sh $(ARCH) $(if $(cross),artifacts/$(ARCH)/uevent-nats,$(nats))

cross_options = --runtime linux-$(ARCH) --artifacts-path artifacts/build/$(ARCH) --output artifacts/$(1) \
	-p:CppCompilerAndLinker=$(CURDIR)/packaging/cross-gcc.sh -p:ObjCopyName=$(cross)-objcopy
cross: sdk
	@$(if $(filter no,$(NATIVE))$(shell command -v $(cross)-gcc),:,$(error $(call NEEDS_LINKER,$(cross)-gcc,gcc-$(subst _,-,$(cross)))))
	@$(call publish,$(ARCH),$(call cross_options,$(ARCH)))
	@$(call publish_of,src/UeventManager.Nats,uevent-nats,$(ARCH),$(call cross_options,$(ARCH)-nats))
	@mv -f artifacts/$(ARCH)-nats/uevent-nats artifacts/$(ARCH)/uevent-nats

init-test: $(binary) ## run the daemon under runit, s6 and OpenRC, and what dinit runs, in a root of its own (root)
	@packaging/init/test.sh

image: $(binary) ## build the daemon's container image, with podman, buildah or docker
	@packaging/container/build.sh $(binary)

image-test: $(binary) ## run that image under Debian's podman, in a root of its own (root)
	@packaging/container/test.sh

rpm: $(binary) $(nats) $(if $(cross),cross) ## build RPM packages: artifacts/packages/uevent-manager-*.rpm (ARCH=arm64)
	@TOOL=$(binary) NATS_TOOL=$(nats) packaging/rpm/build.sh $(if $(filter amd64,$(ARCH)),x86_64,aarch64) $(if $(cross),artifacts/$(ARCH)/ueventctl artifacts/$(ARCH)/uevent-nats,$(binary) $(nats))

rpm-test: $(binary) $(nats) ## run rpmlint, then install, upgrade and remove in a root of its own (root)
	@packaging/rpm/test.sh

package-test: $(binary) ## run lintian, then install, upgrade, remove and purge in a root of its own (root)
	@packaging/test.sh

install: $(binary) ## install the daemon and its command (DESTDIR=, PREFIX=/usr)
	@packaging/install.sh install
	@packaging/install.sh install-udev
	@packaging/install.sh install-devel

install-nats: $(nats) ## install uevent-nats, the bridge to NATS
	@packaging/install.sh install-nats

uninstall: ## remove what was installed
	@packaging/install.sh uninstall

tarball: $(binary) ## build an archive of what `make install` installs, to unpack at /
	@packaging/tarball.sh

release: sdk linker ## build everything that a release has: artifacts/release
	@packaging/release.sh

# Twice the time of `make release`: a quarter of an hour on two processors with nothing else to do.
release-test: release ## build the release again elsewhere, and compare the two byte for byte
	@packaging/release-test.sh

dist: ## build an archive of the committed source, with vendor/ if it exists
	@packaging/dist.sh

vendor: sdk ## collect every package that a build or the tests take in vendor/, for machines without a network
	@packaging/vendor.sh $(if $(filter no,$(NATIVE)),-p:PublishAot=false)

offline-test: sdk ## build the archive of the source in a namespace without a network (root)
	@packaging/offline-test.sh

##@ Other

help: ## show this list
	@awk 'BEGIN { FS = ":.*## " } /^##@ / { print "\n" substr($$0, 5) } /^[a-z0-9-]+:.*## / { printf "  %-18s %s\n", $$1, $$2 }' Makefile

format: sdk ## format the code, and wrap the manual's lines
	@$(call step,format,formatting the code (a minute or two)) dotnet format UeventManager.sln
	@packaging/wrap-man.sh packaging/man/*.[1578]

clean: ## delete everything that was built
	rm -rf artifacts
	find src tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +

install-test-tools: ## install what the tests on real devices need, by apt-get
	@tests/install-tools.sh

publish = $(call publish_of,src/UeventManager,ueventctl,$(1),$(2))
# A linker that was interrupted leaves a file that cannot be executed, and the next build takes it for up to date.
publish_of = find $(1)/bin -path '*/native/$(2)' ! -executable -delete 2> /dev/null; \
	$(call step,publish,building $(2) for $(3) (a minute or two)) dotnet publish $(1) --configuration Release --nologo -tl:off $(4) \
	$(if $(filter no,$(NATIVE)),-p:PublishAot=false) \
	-p:PublishDocumentationFile=false -p:PublishReferencesDocumentationFiles=false -p:CopyOutputSymbolsToPublishDirectory=false

$(binary): $(sources) | sdk linker
	@$(call publish,this machine,--output artifacts/bin)
	@touch $@

# Published into its own directory first, because its references include ueventctl, and moved, because a file that is running must not be overwritten.
$(nats): $(nats_sources) | sdk linker $(binary)
	@$(call publish_of,src/UeventManager.Nats,uevent-nats,this machine,--output artifacts/nats)
	@cp artifacts/nats/uevent-nats $@.new && mv -f $@.new $@

linker:
	@$(if $(filter no,$(NATIVE))$(shell command -v clang || command -v gcc),:,$(error $(call NEEDS_LINKER,gcc,gcc libc6-dev)))

# global.json refuses an older SDK; $(error) says so in one line.
sdk:
	@$(if $(filter 10.%,$(shell dotnet --version 2>/dev/null)),:,$(error $(NEEDS_SDK)))
