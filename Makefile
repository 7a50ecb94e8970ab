# SPDX-License-Identifier: GPL-2.0-only
# denseram: everything a user or a developer calls. "make" prints an overview.

VERSION := 0.1.0

# On a real KVM host: the kernel whose headers install builds against.
KDIR ?= /lib/modules/$(shell uname -r)/build

LAB    := selftests/lab/lab
CHROOT := $(LAB) chroot --

help:
	@awk -f tools/scripts/help.awk $(MAKEFILE_LIST)

##@ Try it (as root, on Debian 12 or 13; installs what is missing)
demo: ready			## guests with twice the RAM of their host, live
	tools/demo/run

lab: ready			## a shell in a lab host with the modules loaded
	$(LAB) shell $(LABFLAGS)

##@ Use it (on a real KVM host)
install:			## modules for the running kernel, and the tools
	tools/scripts/build-modules $(KDIR)
	tools/scripts/install-modules $(KDIR)
	$(MAKE) -C tools install

deb:				## packages for Debian 13, into build/deb/
	$(CHROOT) env SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) \
		tools/packaging/deb $(VERSION)

dkms-install:			## without packages: the module, by DKMS
	tools/packaging/dkms-install $(VERSION)

density:			## how many guests fit on this host, with and without
	tools/bench/density/denseram-density $(DENSITY)

##@ Build it (in the lab root, into build/)
build: modules tools tests	## all of the three below
modules:			## both modules, W=1 and sparse, for 6.12 and 7.x
	selftests/groups build-stock build-next
tools:				## the command line tools
	$(CHROOT) make -C tools
tests:				## the test programs and the guests they boot
	$(CHROOT) make -C selftests
	$(CHROOT) selftests/guest/mkinitramfs
ready:
	$(CHROOT) tools/scripts/build-modules --check /lib/modules/$$($(LAB) kernel stock)/build
	selftests/groups build-tools
picture:			## the README's, of the last demo's report
	$(CHROOT) tools/scripts/picture --size 1100,1130 \
		build/demo/report.html Documentation/report.png
docs:				## the manual, any warning is an error
	$(CHROOT) tools/scripts/docs

##@ Test it (each prints TAP; the last line counts)
check:				## all that must pass: lint to debug kernel
	selftests/groups check
lint:				## style, kernel-doc, boundaries between the parts
	selftests/groups lint
hostcheck:			## pure code in user space, with sanitizers
	selftests/groups hostcheck
fuzz:				## what others write, under libFuzzer; FUZZ="--secs 300": longer
	FUZZ="$(FUZZ)" selftests/groups fuzz
model:				## all states of the page protocol, by spin
	selftests/groups model
kunit:				## KUnit suites in the debug kernel
	selftests/groups kunit
vmtest:				## file, fault and guest tests on the stock kernel
	selftests/groups vmtest
soak: ready			## guests and all that may happen to them; MIN=10 SEED=any
	MIN="$(MIN)" SEED="$(SEED)" SOAK="$(SOAK)" selftests/groups soak
check-fresh:			## a new user's first hour: a Debian with systemd and libvirt
	selftests/groups check-fresh
check-debug:			## the same tests on the debug and KASAN kernels
	selftests/groups check-debug
coverage:			## how many lines of the modules run in tests, and which do not
	selftests/groups coverage

##@ Measure it
bench-base: ready		## price of denseram when memory is plenty
	tools/bench/run base
bench-share: ready		## what sharing saves and costs, beside KSM
	BENCH_TIMEOUT=2400 tools/bench/run share
bench-balloon: ready		## our balloon driver beside the kernel's
	BENCH_TIMEOUT=5400 tools/bench/run balloon
bench-page: ready		## paging, beside Linux's swap with and without zswap
	BENCH_TIMEOUT=3600 BENCH_DISK="1G 1G" tools/bench/run page
bench-native:			## price of finding equal pages on this machine's CPU
	$(CHROOT) tools/bench/native/run
bench-policy: ready		## the policy: cost, tax, speed, beside other rules
	$(CHROOT) tools/bench/policy/sim
	BENCH_TIMEOUT=2400 BENCH_MEM=4G BENCH_DISK=1G tools/bench/run policy
bench-density: ready		## how many guests fit, beside plain memory and the stock stack
	BENCH_TIMEOUT=10800 BENCH_MEM=1536M BENCH_DISK="4G 1G" \
		tools/bench/run density --floor-ms 400 --host-swap /dev/vdb $(DENSITY)
bench-real: ready		## a key-value store and a compiler in guests
	BENCH_TIMEOUT=7200 BENCH_MEM=1536M BENCH_DISK="4G 1G" \
		BENCH_IMAGE=$$(tools/bench/real/mkroot) tools/bench/run real $(REAL)

##@ Tidy up
clean:				## remove build/ (the lab's cache stays)
	rm -rf build

.PHONY: help demo lab install deb dkms-install build ready modules tools tests docs \
	check lint hostcheck fuzz model kunit vmtest soak check-fresh check-debug coverage \
	bench-base bench-share \
	bench-balloon bench-page bench-native bench-policy bench-density bench-real \
	density picture clean
