# Every command of this project. What is slow is done once: the binary is published only when a source has changed.
.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: install-nats fleet-demo fleet-scale build run test client-test soak mutants bench bench-micro vm-test vm-shell pack pack-test package package-test rpm rpm-test init-test arm64-test image image-test systemd-test contact-test offline-test cross linker install uninstall tarball dist vendor format clean sdk install-test-tools

export DOTNET_CLI_TELEMETRY_OPTOUT := 1
export DOTNET_NOLOGO := 1

# What `make vendor` gathered is all that a build takes; then it needs no network.
ifneq ($(wildcard vendor/nuget.config),)
export RestoreConfigFile := $(CURDIR)/vendor/nuget.config
export NUGET_PACKAGES := $(CURDIR)/artifacts/nuget
endif

# Says what is being done, how far it is and how long it took; what the command itself says is kept in artifacts/log.
step = packaging/step.sh artifacts/log/$(1).log "$(2)"

binary := artifacts/bin/ueventctl
nats := artifacts/bin/uevent-nats
# Directories too: their times change when a file is deleted.
sources_of = $(shell find $(1) \( -name bin -o -name obj \) -prune -o -print) $(wildcard Directory.*.props global.json)
sources := $(call sources_of,src/UeventManager src/UeventManager.Core src/UeventManager.Client src/Directory.Build.props)
nats_sources := $(sources) $(call sources_of,src/UeventManager.Fleet src/UeventManager.Nats)
# NATIVE=no: one file with the runtime in it, for machines that cannot link machine code.
NATIVE ?= yes
NEEDS_LINKER = machine code needs a C compiler to link it, and there is no $(1): install it (Debian: apt-get install $(2)), or say NATIVE=no for a program that starts four times as slowly and takes twice the memory
NEEDS_SDK = the .NET 10 SDK is needed and `dotnet --version` does not show it: install it from https://dotnet.microsoft.com/download/dotnet/10.0 (Ubuntu: apt-get install dotnet-sdk-10.0; Debian: the same, once the packages of that page are added)

build: $(binary) $(nats)

# As somebody without privileges too. Further options: make run ARGS=--json
run: $(binary)
	@$(binary) monitor --standalone --rules rules $(ARGS)

# Ends with one line: N passed, N failed, N skipped. A part of them: make test TESTS='-class *Veth*'
test: $(binary) $(nats)
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build UeventManager.sln --configuration Release --nologo -tl:off
	@tests/run.sh $(TESTS)

# Programs that know udev alone, unmodified, behind `ueventctl forward`: libvirtd, NetworkManager, pyudev, GUdev, newer udevadm, from Debian's packages, which
# are unpacked and never installed. What cannot be had is skipped with the reason. As root.
client-test: $(binary)
	@$(call step,unpack-clients,unpacking programs that know udev alone) tests/unpack-clients.sh
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build tests/UeventManager.KernelTests --configuration Release --nologo -tl:off
	@tests/UeventManager.KernelTests/bin/Release/net10.0/UeventManager.KernelTests -noLogo -explicit only -namespace 'UeventManager.KernelTests.RealClients' -showLiveOutput $(if $(CI),-failSkips)

# The random tests for minutes instead of seconds, several at a time: make soak SOAK_SECONDS=3600. The simulator goes on
# until it has hit so many create/remove races.
SOAK_SECONDS ?= 120
SOAK_RACES ?= 3000000
SOAK_CLASSES ?= *Fuzz* *Soak* *Simulation* *CreateRemoveRace* *WaitingCrowd* *UdevRandom* *PlotTests* *RecordingFormat*
soak: $(binary) $(nats)
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build UeventManager.sln --configuration Release --nologo -tl:off
	@UEVENT_TEST_FUZZ_SECONDS=$(SOAK_SECONDS) UEVENT_TEST_RACES=$(SOAK_RACES) \
		UNIT_DEADLINE=$$((600 + 20 * $(SOAK_SECONDS) + $(SOAK_RACES) / 500)) KERNEL_DEADLINE=$$((600 + 20 * $(SOAK_SECONDS))) \
		tests/run.sh $(foreach class,$(SOAK_CLASSES),-class '$(class)')

# Costs beside a bare reader, a minimal C forwarder and udevd, in namespaces of its own; as root. BENCH=quick takes three minutes,
# BENCH=full a quarter of an hour, in which udevd needs most. The report goes to artifacts/bench.
BENCH ?= quick
bench: $(binary)
	@$(call step,build-benchmarks,building the benchmarks) dotnet build tests/UeventManager.Benchmarks --configuration Release --nologo -tl:off
	@tests/UeventManager.Benchmarks/run.sh $(BENCH)

# What one event costs and allocates, against the baseline file; ACCEPT=accept writes that anew.
bench-micro: sdk
	@$(call step,build-benchmarks,building the benchmarks) dotnet build tests/UeventManager.Benchmarks --configuration Release --nologo -tl:off
	@tests/UeventManager.Benchmarks/bin/Release/net10.0/UeventManager.Benchmarks micro tests/UeventManager.Benchmarks/Micro/baseline.json $(ACCEPT) 2> artifacts/bench-micro.log

# The checkers can fail: every deliberate mistake of tests/mutants must be found by the simulator. Takes some minutes.
mutants: sdk
	@$(call step,build-tests,building the tests (a minute or two)) dotnet build tests/UeventManager.Tests --configuration Release --nologo -tl:off
	@tests/UeventManager.Tests/bin/Release/net10.0/UeventManager.Tests -noLogo -explicit only -method '*.The_simulator_finds_every_mutant'

# The daemon on real devices, in a guest of another kernel: VM_KERNEL=6.1, VM_FULL=1 (all rounds), VM_ONLY=mdev,pci
vm-test: $(binary)
	@tests/vm/build.sh
	@tests/vm/boot.sh

# A prompt in that guest, with the daemon running.
vm-shell: $(binary)
	@tests/vm/build.sh
	@tests/vm/boot.sh shell

# The package under a systemd that runs, in a guest of Debian: VM_SUITE=trixie for another release. As root.
systemd-test: $(binary)
	@tests/vm/build.sh
	@tests/systemd/build.sh
	@tests/systemd/boot.sh

# What somebody new meets in a clean root of Debian, by namespaces and without QEMU: README.md's first rule, and common mistakes. As root.
contact-test: $(binary)
	@tests/systemd/build.sh
	@tests/systemd/contact.sh

# The unit tests and the program for arm64, by qemu-user: needs gcc-aarch64-linux-gnu and qemu-user. As root also the daemon on this kernel. Seven minutes
# on two processors with nothing else to do.
arm64-test:
	@$(MAKE) --no-print-directory cross ARCH=arm64
	@$(call step,build-arm64-tests,building the tests for arm64) dotnet publish tests/UeventManager.Tests --configuration Release --runtime linux-arm64 --self-contained \
		--nologo -tl:off --artifacts-path artifacts/build/arm64-tests --output artifacts/arm64-tests
	@tests/arm64/test.sh

# A broker, three hosts in namespaces and a consumer, on this machine. As root.
fleet-demo: $(binary) $(nats)
	@if ! command -v nats-server > /dev/null && [ ! -x artifacts/tools/nats-trixie/nats-server ]; then tests/unpack-nats.sh trixie; fi
	@tests/fleet-demo.sh

# What a fleet costs a broker and a consumer on this machine; ends by itself. make fleet-scale HOSTS="10 100"
HOSTS ?= 10 100 1000
fleet-scale: sdk
	@if [ ! -x artifacts/tools/nats-trixie/nats-server ]; then tests/unpack-nats.sh trixie; fi
	@$(call step,build-fleet-scale,building the measurement) dotnet build tests/UeventManager.FleetScale --configuration Release --nologo -tl:off
	@tests/UeventManager.FleetScale/bin/Release/net10.0/UeventManager.FleetScale artifacts/tools/nats-trixie/nats-server 400 $(HOSTS)

# The client library as a package: artifacts/packages/UeventManager.Client.*.nupkg
pack: sdk
	@$(call step,pack,building the client library) dotnet pack src/UeventManager.Client --configuration Release --nologo -tl:off \
		--output artifacts/packages -p:PackAllFrameworks=true --artifacts-path artifacts/build/client
	@ls artifacts/packages/*.nupkg

# What a stranger meets who uses that package.
pack-test: pack
	@packaging/client-test.sh

# artifacts/packages/uevent-manager_*.deb; make package ARCH=arm64 needs a C compiler for it.
ARCH ?= amd64
cross := $(if $(filter amd64,$(ARCH)),,$(if $(filter arm64,$(ARCH)),aarch64,$(ARCH))-linux-gnu)
package: $(binary) $(if $(cross),cross)
	@TOOL=$(binary) packaging/deb/build.sh $(ARCH) $(if $(cross),artifacts/$(ARCH)/ueventctl,$(binary))
	@packaging/deb/build-udev.sh
	@$(if $(cross),echo "uevent-manager-nats is built for this machine alone",$(MAKE) --no-print-directory $(nats) && packaging/deb/build-nats.sh $(ARCH) $(nats))

cross: sdk
	@$(if $(filter no,$(NATIVE))$(shell command -v $(cross)-gcc),:,$(error $(call NEEDS_LINKER,$(cross)-gcc,gcc-$(subst _,-,$(cross)))))
	@$(call publish,$(ARCH),--runtime linux-$(ARCH) --artifacts-path artifacts/build/$(ARCH) --output artifacts/$(ARCH) \
		-p:CppCompilerAndLinker=$(CURDIR)/packaging/cross-gcc.sh -p:ObjCopyName=$(cross)-objcopy)

# Under runit, s6, OpenRC and what dinit runs, with Debian's packages of them in a root of its own. As root.
init-test: $(binary)
	@packaging/init/test.sh

# The daemon as an image for containers, by podman, buildah or docker: docs/installing.md
image: $(binary)
	@packaging/container/build.sh $(binary)

# That image under Debian's podman, in a root of its own. As root.
image-test: $(binary)
	@packaging/container/test.sh

# The same for rpm: artifacts/packages/uevent-manager{,-udev}-*.rpm, of a binary that is linked here.
rpm: $(binary) $(if $(cross),cross)
	@TOOL=$(binary) packaging/rpm/build.sh $(if $(filter amd64,$(ARCH)),x86_64,aarch64) $(if $(cross),artifacts/$(ARCH)/ueventctl,$(binary))

# rpmlint, and install, upgrade, remove in a root of its own. As root.
rpm-test: $(binary)
	@packaging/rpm/test.sh

# lintian, and install, upgrade, remove, purge in a root of its own. As root.
package-test: $(binary)
	@packaging/test.sh

# make install DESTDIR= PREFIX=/usr (or /usr/local)
install: $(binary)
	@packaging/install.sh install
	@packaging/install.sh install-udev

# The bridge to NATS, which no other part needs.
install-nats: $(nats)
	@packaging/install.sh install-nats

uninstall:
	@packaging/install.sh uninstall

# What `make install` installs, to be unpacked at /: artifacts/packages/uevent-manager-VERSION-linux-x64.tar.gz
tarball: $(binary)
	@packaging/tarball.sh

# The source as it is committed, and what was vendored: artifacts/packages/uevent-manager-VERSION.tar.gz
dist:
	@packaging/dist.sh

# vendor/: every package that a build or the tests take, for machines without a network.
vendor: sdk
	@packaging/vendor.sh $(if $(filter no,$(NATIVE)),-p:PublishAot=false)

# The archive of the source, with vendor/, builds in a namespace without a network. As root.
offline-test: sdk
	@packaging/offline-test.sh

format: sdk
	@dotnet format UeventManager.sln
	@packaging/wrap-man.sh packaging/man/*.[1578]

clean:
	rm -rf artifacts
	find src tests -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +

# What the kernel tests need of the machine.
install-test-tools:
	@tests/install-tools.sh

publish = $(call publish_of,src/UeventManager,ueventctl,$(1),$(2))
publish_of = $(call step,publish,building $(2) for $(3) (a minute or two)) dotnet publish $(1) --configuration Release --nologo -tl:off $(4) \
	$(if $(filter no,$(NATIVE)),-p:PublishAot=false) \
	-p:PublishDocumentationFile=false -p:PublishReferencesDocumentationFiles=false -p:CopyOutputSymbolsToPublishDirectory=false

$(binary): $(sources) | sdk linker
	@$(call publish,this machine,--output artifacts/bin)
	@touch $@

# In a directory of its own first: what it refers to is ueventctl's too, and a file that is being run is not to be written over.
$(nats): $(nats_sources) | sdk linker $(binary)
	@$(call publish_of,src/UeventManager.Nats,uevent-nats,this machine,--output artifacts/nats)
	@cp artifacts/nats/uevent-nats $@.new && mv -f $@.new $@

linker:
	@$(if $(filter no,$(NATIVE))$(shell command -v clang || command -v gcc),:,$(error $(call NEEDS_LINKER,gcc,gcc libc6-dev)))

# global.json refuses an older SDK. $(error) says it in one line.
sdk:
	@$(if $(filter 10.%,$(shell dotnet --version 2>/dev/null)),:,$(error $(NEEDS_SDK)))
