# What `record` sees of races that only drivers of this guest have. The rule that `learn` makes of one recording must name what is late, pass
# `rules check`, and hold every device of another recording. The recordings are left in /out/record.
scenario=record
say record
mkdir -p /out/record /tmp/learned

mdevs() {
    for i in $(seq 12); do
        echo "$(cat /proc/sys/kernel/random/uuid)" > /sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create || failed "mtty makes no device"
        usleep 250000
    done
    for device in /sys/bus/mdev/devices/*; do echo 1 > "$device/remove"; done
}
# races NAME OPTIONS MATCH…: two recordings of what `race` does, and a rule of each for the other; what it names begins with MATCH.
races() {
    name=$1 options=$2; shift 2
    for take in "" -again; do
        # shellcheck disable=SC2086
        ueventctl record $options -o /tmp/learned/$name$take.ndjson > /tmp/learned/log 2>&1 & recorder=$!
        until_true 60 test -s /tmp/learned/$name$take.ndjson || failed "$name: record does not begin: $(cat /tmp/learned/log)"
        until_true 60 recorded $name$take || failed "$name: the tree at the start is not recorded"
        race
        kill -TERM $recorder && wait $recorder || failed "$name: record: $(cat /tmp/learned/log)"
        say "  $name$take: $(tail -n 1 /tmp/learned/log)"
        cp /tmp/learned/$name$take.ndjson /out/record/
    done
    for take in "" -again; do
        other=$([ -z "$take" ] && echo -again)
        rm -rf /tmp/learned/rules && mkdir -p /tmp/learned/rules
        ueventctl learn -s ${name%%-*} /out/record/$name$take.ndjson > /tmp/learned/rules/50.yaml 2> /tmp/learned/log || failed "$name$take: learn: $(tail -n 2 /tmp/learned/log)"
        cp /tmp/learned/rules/50.yaml /out/record/$name$take.yaml
        ueventctl rules check --rules /tmp/learned/rules > /tmp/learned/log 2>&1 || failed "$name$take: $(tail -n 3 /tmp/learned/log)"
        for match in "$@"; do
            grep -q -- "^ *- .*\"$match" /tmp/learned/rules/50.yaml || failed "$name$take: learn does not name $match"
        done
        ueventctl replay /out/record/$name$other.ndjson --rules /tmp/learned/rules > /out/record/$name$take.txt 2>&1 || failed "$name$take on $name$other: $(grep -vE ' complete$' /out/record/$name$take.txt | tail -n 4)"
        say "  $name$take: $(tail -n 1 /out/record/$name$take.txt)"
    done
}
# Something that is there from the start is in the recording.
recorded() { grep -q '"atStart":true' /tmp/learned/$1.ndjson; }

if load mtty; then
    race() { mdevs; }
    races mdev "-s mdev -s mtty --depth 2" mdev_type
    say "ok $scenario"
else
    skip "mtty cannot be loaded"
fi
