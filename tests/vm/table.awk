# The rows for people, or with -v markdown=1 as the table of docs/measurements.md. Times are in milliseconds; missed: of so many adds, and how long a
# consumer would have had to wait.
function ms(usec) { return usec == "-" ? "-" : sprintf("%.1f", usec / 1000) }
function both(p50, p99) { return p50 == "-" ? "–" : ms(p50) " ms (" ms(p99) ")" }
function of(count, all) { return all == "-" ? "–" : count " of " all }
BEGIN {
    if (markdown) {
        print "| device, by its add | what was looked for | plain reader missed | for, p50 (p99) | our subscriber missed | held back, p50 (p99) |"
        print "|---|---|---|---|---|---|"
    } else {
        format = "%-14s %-22s %-22s %6s  %6s %8s %8s  %6s %5s  %8s %8s\n"
        printf format, "scenario", "device", "what", "n", "missed", "p50 ms", "p99 ms", "n", "ours", "lag p50", "lag p99"
    }
}
markdown { printf "| %s: `%s` | `%s`%s | %s | %s | %s | %s |\n", $1, $2, $3, $10 == "optional" ? " *" : "", of($5, $4), both($6, $7), of($9, $8), both($11, $12); next }
{ printf format, $1, $2, $3, $4, $5, ms($6), ms($7), $8, $9 ($10 == "optional" ? "*" : ""), ms($11), ms($12) }
END {
    if (markdown) { print "\n\\* a device may be without it. Held back: over all devices of the scenario, from arrival at the daemon to release." }
    else { print "missed: what a plain reader did not find at the add, and for how long; ours: what a subscriber did not find (* a device may be without it); lag: from arrival at the daemon to release" }
}
