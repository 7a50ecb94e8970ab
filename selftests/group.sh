# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
#
# group.sh - what each group of tests runs, for "groups".

logs=build/check

# A lab whose parent is gone has nobody to report to: it ends as well.
lab() {
	setpriv --pdeathsig TERM selftests/lab/lab "$@"
}

# in_root CMD... - in the lab root, what takes time but is in no hurry: labs go first.
in_root() {
	nice -n 19 setpriv --pdeathsig TERM selftests/lab/lab chroot -- "$@"
}

# step TEXT CMD... - a build or a tool as one test: quiet when it passes.
step() {
	local text=$1 out
	shift
	out=$(mktemp)
	if "$@" >"$out" 2>&1 </dev/null; then
		echo "ok - $text"
	else
		sed 's/^/# /' "$out"
		echo "not ok - $text"
	fi
	rm -f "$out"
}

# build_modules NAME TEXT - the kernel first, in the open: it may take minutes.
build_modules() {
	local release
	release=$(lab kernel "$1") || return
	step "modules for $2 build clean" in_root \
		tools/scripts/build-modules --strict "/lib/modules/$release/build"
}

# in_lab NAME OPTION... -- CMD... - run tests in a lab host; what it leaves
# in /out is kept beside the log.
in_lab() {
	local name=$1
	shift
	lab run --out "$logs/$name" "$@"
}

group_lint() { in_root tools/scripts/lint; }
group_build-stock() { build_modules stock 6.12; }
group_build-next() { build_modules next 7.x; }
group_build-debug() { build_modules debug "the debug kernel"; }
group_build-kasan() { build_modules kasan "the KASAN kernel"; }
group_build-gcov() { build_modules gcov "the kernel that counts"; }
group_build-tools() {
	step "the tools build" in_root make -C tools
	step "the benchmarks build" in_root sh -c "make -C tools bench && make -C tools/bench/native"
	step "the test programs build" in_root make -C selftests
	step "the guests build" in_root selftests/guest/mkinitramfs
}
group_dkms() {
	local module
	for module in denseram denseram-balloon; do
		step "DKMS builds and installs $module" in_root tools/packaging/dkms-install \
			"$(sed -n "s/^VERSION := //p" Makefile)" "$(lab kernel stock)" "$module"
	done
}
group_deb() {
	in_root selftests/lab/all tools/tests/balloon_dkms_test.sh tools/tests/deb_test.sh
}
# A new user's first hour, on a Debian with systemd and libvirt. Not a part of check.
group_fresh() {
	local root version
	version=$(sed -n "s/^VERSION := //p" Makefile)
	step "the packages are made" in_root tools/packaging/deb "$version"
	root=$(setpriv --pdeathsig TERM selftests/fresh/mkroot) || return
	step "DKMS builds the module there" lab chroot --root "$root" -- \
		selftests/fresh/prebuild "$version" "$(lab kernel stock)"
	in_lab fresh --root "$root" --timeout 2400 -- selftests/fresh/test
}
group_host() {
	in_root selftests/lab/all "make -s -C selftests/host check" \
		selftests/lab/tap_test selftests/soak/plan_test
}
group_model() { in_root selftests/model/check; }
group_workload() { lab chroot -- selftests/guest/check; }
group_tools() {
	lab chroot -- selftests/lab/all "make -s -C tools check" \
		tools/tests/bench_share_test.sh tools/tests/bench_page_test.sh \
		tools/tests/bench_policy_test.sh tools/tests/bench_balloon_test.sh \
		tools/tests/bench_density_test.sh \
		tools/tests/bench_real_test.sh tools/tests/report_picture_test.sh \
		tools/tests/completion_test.sh
}
# FUZZ: options, such as "--secs 300", or names of targets.
group_fuzz() {
	local options
	read -ra options <<<"${FUZZ:-}"
	in_root tools/fuzz/run "${options[@]}"
}
group_kunit() { setpriv --pdeathsig TERM selftests/kunit/run; }
cli_tests=(
	tools/tests/cli_test.sh tools/tests/cli_share_test.sh
	tools/tests/cli_policy_test.sh tools/tests/cli_knob_test.sh
	tools/tests/cli_watch_test.sh tools/tests/cli_top_test.sh tools/tests/cli_metrics_test.sh
	tools/tests/cli_doctor_test.sh tools/tests/cli_exporter_test.sh
	tools/tests/cli_member_test.sh
	tools/tests/denseramd_test.sh
	tools/scripts/abi_check
)
group_files() { in_lab files --nodes 2 --timeout 2700 -- selftests/run; }
group_cli() { in_lab cli --nodes 2 --timeout 1800 -- selftests/lab/all "${cli_tests[@]}"; }
group_meanhost() { in_lab meanhost --timeout 900 -- selftests/meanhost/test; }
group_debug-meanhost() { in_lab debug-meanhost --kernel debug --timeout 1800 -- selftests/meanhost/test; }
group_paging() {
	in_lab paging --disk 1G --timeout 2700 -- selftests/lab/all \
		tools/tests/cli_swap_test.sh tools/tests/cli_wipe_test.sh tools/tests/density_test.sh \
		tools/tests/denseramd_overhead_test.sh \
		"selftests/vm/run squeeze page async hog park both"
}
# Where the kernel does not zero what it hands out, what the module forgets shows.
group_secrets() {
	in_lab secrets --timeout 1800 --append init_on_alloc=0 -- selftests/run canary_test
}
group_guests() {
	in_lab guests --timeout 3600 -- selftests/lab/all \
		selftests/vm/run tools/tests/denseramd_libvirt_test.sh \
		tools/tests/libvirt_walk_test.sh
}
# A hundred lives of the module.
group_lifecycle() { in_lab lifecycle --timeout 3600 -- selftests/run reload_test; }
group_next() {
	in_lab next --kernel next --timeout 2400 -- \
		selftests/lab/all "selftests/run smoke" "selftests/vm/run --smoke pressure"
}
# Guests run the lab host's kernel there: it is their driver that is tested.
group_next-balloon() {
	in_lab next-balloon --kernel next --disk 1G --timeout 2700 -- \
		selftests/lab/all selftests/meanhost/test "selftests/vm/run balloon both"
}
group_debug() { in_lab debug --kernel debug --timeout 3600 -- selftests/run short; }
group_debug-files() { in_lab debug-files --nodes 2 --kernel debug --timeout 5400 -- selftests/run canary_test all; }
group_debug-guests() { in_lab debug-guests --kernel debug --timeout 5400 -- selftests/vm/run; }
group_debug-inject() { in_lab debug-inject --kernel debug --timeout 3600 -- selftests/inject/run; }
# Not a part of check. MIN: minutes; SEED: what all of it follows from, any number without
# it; SOAK: more options of the lab, such as "--kernel debug".
group_soak() {
	local minutes=${MIN:-10} seed=${SEED:-$SRANDOM} options
	read -ra options <<<"${SOAK:-}"
	in_lab soak --mem 1536M --timeout $((minutes * 60 + 5400)) \
		--disk 4G --disk 1G --disk 1G --disk 48M --disk 48M --disk 1G \
		"${options[@]}" -- selftests/soak/soak run "$seed" "$minutes"
}
group_kasan-files() { in_lab kasan-files --kernel kasan --timeout 7200 -- selftests/run; }
group_kasan-guests() {
	in_lab kasan-guests --kernel kasan --timeout 7200 -- \
		selftests/vm/run --smoke share collapse
}
# counted NAME OPTION... -- TEST... - tests on the kernel that counts what runs.
# What an earlier run has counted is gone, whatever becomes of this one.
counted() {
	local name=$1 options=()
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	rm -rf "$logs/$name/counts"
	in_lab "$name" --kernel gcov "${options[@]}" -- \
		selftests/coverage/collect selftests/lab/all "${@:2}"
}
group_coverage-files() {
	counted coverage-files --nodes 2 --timeout 7200 -- selftests/kunit/results \
		selftests/run "${cli_tests[@]}"
}
group_coverage-paging() {
	counted coverage-paging --disk 1G --timeout 5400 -- \
		tools/tests/cli_swap_test.sh tools/tests/cli_wipe_test.sh \
		"selftests/vm/run squeeze page async hog park both"
}
group_coverage-meanhost() {
	counted coverage-meanhost --timeout 1800 -- selftests/meanhost/test
}
group_coverage-guests() { counted coverage-guests --timeout 7200 -- selftests/vm/run; }
group_coverage-report() {
	in_root selftests/coverage/report "$logs"/coverage-{files,paging,meanhost,guests}
}
