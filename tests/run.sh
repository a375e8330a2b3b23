#!/usr/bin/env bash
# Runs the built test executables one after another and ends with one line: N passed, N failed, N skipped.
# Arguments go to each of them (-class, -method, …). With CI set, a kernel test that is skipped is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

# A run that takes longer hangs; that is a failure, not an endless run. UEVENT_TEST_TIME_FACTOR multiplies these and every deadline of a
# test (TestTime.cs), for machines that are very slow.
factor=${UEVENT_TEST_TIME_FACTOR:-5}
unit_deadline=${UNIT_DEADLINE:-$((400 * factor))}
kernel_deadline=${KERNEL_DEADLINE:-$((400 * factor))}
logs=artifacts/tests
passed=0 failed=0 skipped=0
mkdir -p "$logs"

# The verbose reporter names each test as it starts and ends: so a run that crashes can be counted too. People see the rest.
show() { grep --line-buffered -vE ' \[(STARTING|FINISHED)\]|^  (Discover|Starting|Finished)|^=== TEST EXECUTION|^   [^ ]+ +Total: [0-9]+' || true; }

# How far it is, now and then, until the process ends: a run takes minutes in which nothing may fail.
progress() {
    local log=$1 pid=$2 begun=$SECONDS
    while sleep 15 > /dev/null 2>&1 && kill -0 "$pid" 2> /dev/null; do
        echo "  $((SECONDS - begun)) s: $(grep -c ' \[FINISHED\]' "$log") tests done"
    done
}

# The number after a word of the summary line; a word that it does not name counts none.
count() { grep -E '^   [^ ]+ +Total: [0-9]+' "$1" | tail -n 1 | grep -oE "\b$2: [0-9]+" | grep -oE '[0-9]+$' || echo "${3:-0}"; }

run() {
    local name=$1 deadline=$2; shift 2
    local log=$logs/$name.log code=0 group teller
    echo "$name"
    if [ ! -x "tests/$name/bin/Release/net10.0/$name" ]; then
        echo "  not built: run \`make test\`"; failed=$((failed + 1)); return
    fi
    : > "$log"
    # timeout leads a process group of its own: what a crashed or hanging run leaves behind ends with that group.
    timeout --kill-after=10 "$deadline" "tests/$name/bin/Release/net10.0/$name" \
        -noLogo -noColor -reporter verbose "$@" >> "$log" 2>&1 < /dev/null &
    group=$!
    progress "$log" "$group" & teller=$!
    tail --lines=+1 --follow --sleep-interval=0.2 --pid="$group" "$log" | show
    wait "$group" || code=$?
    kill "$teller" 2> /dev/null
    kill -KILL -- "-$group" 2> /dev/null
    sum_up "$log" "$code" "$deadline"
}

sum_up() {
    local log=$1 code=$2 deadline=$3 total fail errors skip unrun
    total=$(count "$log" Total none)
    if [ "$total" = none ]; then
        crashed "$@"
        return
    fi
    errors=$(count "$log" Errors) fail=$(count "$log" Failed) skip=$(count "$log" Skipped) unrun=$(count "$log" 'Not Run')
    passed=$((passed + total - fail - skip - unrun))
    skipped=$((skipped + skip + unrun))
    fail=$((fail + errors))
    if [ "$code" -ne 0 ] && [ "$fail" -eq 0 ]; then
        echo "  exit code $code without a failed test"
        fail=1
    fi
    failed=$((failed + fail))
}

# No summary: the run itself is one more failure, and what it had finished still counts.
crashed() {
    local log=$1 code=$2 deadline=$3 fail skip done
    fail=$(grep -c ' \[FAIL\]$' "$log")
    skip=$(grep -c ' \[SKIP\]$' "$log")
    done=$(grep -c ' \[FINISHED\]' "$log")
    if [ "$code" -eq 124 ] || [ "$code" -eq 137 ]; then
        echo "  not finished after $deadline s"
    else
        echo "  crashed with exit code $code"
    fi
    sed -nE 's/^ *(.*) \[STARTING\]$/\1/p' "$log" | sort > "$log.started"
    sed -nE 's/^ *(.*) \[FINISHED\].*$/\1/p' "$log" | sort > "$log.finished"
    comm -23 "$log.started" "$log.finished" | sed 's/^/  unfinished: /'
    failed=$((failed + fail + 1)) skipped=$((skipped + skip)) passed=$((passed + done - fail - skip))
}

strict=()
if [ -n "${CI:-}" ]; then strict=(-failSkips); fi
run UeventManager.Tests "$unit_deadline" "$@"
run UeventManager.KernelTests "$kernel_deadline" "${strict[@]}" "$@"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
