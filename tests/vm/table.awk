# The rows for people. Times are in milliseconds; missed: of so many adds, and how long a consumer would have had to wait.
function ms(usec) { return usec == "-" ? "-" : sprintf("%.1f", usec / 1000) }
BEGIN { format = "%-14s %-22s %-22s %6s  %6s %8s %8s  %6s %5s  %8s %8s\n"
        printf format, "scenario", "device", "what", "n", "missed", "p50 ms", "p99 ms", "n", "ours", "lag p50", "lag p99" }
{ printf format, $1, $2, $3, $4, $5, ms($6), ms($7), $8, $9 ($10 == "optional" ? "*" : ""), ms($11), ms($12) }
END { print "missed: what a plain reader did not find at the add, and for how long; ours: what a subscriber did not find (* a device may be without it); lag: from arrival at the daemon to release" }
