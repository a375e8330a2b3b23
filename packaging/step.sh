#!/usr/bin/env bash
# One slow step of make: step.sh LOG WHAT COMMAND…
# Says at once what is being done, then every few seconds how long it has taken and what its command said last, and in the end how long it
# took. All that the command said stays in LOG, and is shown if it fails.
set -uo pipefail
log=$1 what=$2
shift 2
mkdir -p "$(dirname "$log")"
: > "$log"
# For people: what make prints for programs (make run ARGS=--json) has none of it.
exec 1>&2
echo "$what"

# On a terminal one line that is written anew each second; elsewhere (a log of CI) a line now and then.
if [ -t 1 ]; then pause=1 before='\r\033[K' after='' clear='\r\033[K'; else pause=10 before='' after='\n' clear=''; fi

tell() {
    local said
    said=$(grep -v '^[[:space:]]*$' "$log" | tail -n 1 | sed -E 's/^[[:space:]]*//; s/^([^ ]+) -> .*/built \1/' | tr -d '\000-\037' | cut -c 1-100)
    # shellcheck disable=SC2059
    printf "$before  %s s${said:+: }%s$after" "$SECONDS" "$said"
}

# It ends with this script, however that ends.
(
    trap 'kill "$napping" 2> /dev/null; exit' TERM
    while kill -0 $$ 2> /dev/null; do
        sleep $pause & napping=$!
        wait "$napping"
        if kill -0 $$ 2> /dev/null; then tell; fi
    done
) & ticker=$!
end() { kill "$ticker" 2> /dev/null; wait "$ticker" 2> /dev/null; printf '%b' "$clear"; }
trap 'end; exit 130' INT TERM

"$@" > "$log" 2>&1 < /dev/null
code=$?
end
if [ $code -ne 0 ]; then
    cat "$log"
    echo "  failed after $SECONDS s (exit code $code); this is also in $log"
    exit $code
fi
echo "  done in $SECONDS s"
