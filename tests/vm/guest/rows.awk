# What a device may be without, and never had, nobody missed: such adds do not count ("never" of an optional name).
# One row for each name that was expected: what the plain reader did not find when the add arrived, and what our subscriber did not.
FILENAME ~ /plain$/ && $1 == "item" { what[$2] = $3 ($4 != "*" ? "/" $4 : ""); item[$2] = $6; n[$2] = $8; missed[$2] = $10; p50[$2] = $15; p99[$2] = $16; kind[$2] = $18; never[$2] = $12; order[++count] = $2 }
FILENAME ~ /ours$/ && $1 == "sum" { for (i = 2; i < NF; i++) if ($i == "lag") { l50 = $(i + 2); l99 = $(i + 3) } }
FILENAME ~ /ours$/ && $1 == "item" { ours[$2] = $6; looked[$2] = $4; never_ours[$2] = $8 }
END {
    for (i = 1; i <= count; i++) {
        k = order[i]
        if (kind[k] == "optional") {
            n[k] -= never[k]; missed[k] -= never[k]
            looked[k] -= never_ours[k]; ours[k] -= never_ours[k]
            if (n[k] + looked[k] == 0) continue
        }
        printf "VM-ROW %s %s %s %s %s %s %s %s %s %s %s %s\n", scenario, what[k], item[k], n[k], missed[k], p50[k], p99[k], looked[k] + 0, ours[k] + 0, kind[k], l50, l99
    }
}
