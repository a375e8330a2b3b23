# What `record` sees of races that only drivers of this guest have. The rule that `learn` makes of recordings must name what is late, pass `rules
# check`, and hold every device of another recording; where a few devices did not show everything, it is made of more. All of it is left in /out/record.
scenario=record
say record
mkdir -p /out/record /tmp/learned/rules

# recorded NAME OPTIONS COMMAND…: a recording of what the command does.
recorded() {
    file=/tmp/learned/$1.ndjson name=$1 options=$2; shift 2
    echo 1 > /sys/bus/pci/rescan
    until_true 60 settled || failed "$name: it does not settle"
    # shellcheck disable=SC2086
    ueventctl record $options -o $file > /tmp/learned/log 2>&1 & recorder=$!
    # Something that is there from the start.
    until_true 60 grep -q '"atStart":true' $file || failed "$name: record does not begin: $(cat /tmp/learned/log)"
    usleep 500000
    "$@"
    kill -TERM $recorder && wait $recorder || failed "$name: record: $(cat /tmp/learned/log)"
    say "  $name: $(tail -n 1 /tmp/learned/log)"
    cp $file /out/record/
}

# holds RECORDING MATCH…: whether the rule of what is known names each MATCH and holds the devices of a recording. If not, $why says it.
holds() {
    other=$1; shift
    # shellcheck disable=SC2086
    ueventctl learn -s $subsystem $known > /tmp/learned/rules/50.yaml 2> /tmp/learned/log || { why="learn: $(tail -n 2 /tmp/learned/log)"; return 1; }
    cp /tmp/learned/rules/50.yaml $other.yaml
    ueventctl rules check --rules /tmp/learned/rules > /tmp/learned/log 2>&1 || { why="rules check: $(tail -n 3 /tmp/learned/log)"; return 1; }
    for match in "$@"; do
        grep -q -- "^ *- .*\"$match" /tmp/learned/rules/50.yaml || { why="learn does not name $match"; return 1; }
    done
    ueventctl replay $other.ndjson --rules /tmp/learned/rules > $other.txt 2>&1 || { why="replay: $(grep INCOMPLETE $other.txt | cut -c 1-200 | head -n 3)"; return 1; }
}

# races NAME SUBSYSTEM OPTIONS COMMAND MATCH…: records what the command does, until a rule of the earlier recordings holds the newest one.
races() {
    what=$1 subsystem=$2 with=$3 race=$4 known='' why=''; shift 4
    for take in 1 2 3 4 5; do
        recorded $what-$take "$with" $race
        if [ -n "$known" ] && holds /out/record/$what-$take "$@"; then
            say "  $what: $(tail -n 1 /out/record/$what-$take.txt)"
            tried=1
            return
        fi
        [ -z "$why" ] || say "  $what: not yet: $why"
        known="$known /out/record/$what-$take.ndjson"
    done
    failed "$what: $why"
}

mdevs() {
    for i in $(seq 12); do
        echo "$(cat /proc/sys/kernel/random/uuid)" > /sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create || failed "mtty makes no device"
        usleep 250000
    done
    for device in /sys/bus/mdev/devices/*; do echo 1 > "$device/remove"; done
}
# found_again ADDRESS: the function is removed, if it is there, and found again.
found_again() {
    [ ! -e /sys/bus/pci/devices/$1/remove ] || echo 1 > /sys/bus/pci/devices/$1/remove
    echo 1 > /sys/bus/pci/rescan
    until_true 60 sh -c "cat /sys/bus/pci/devices/$1/nvme/nvme*/state | grep -q live" || failed "$1 has no controller"
    until_true 60 settled || failed "$1 does not settle"
    usleep 300000
}
again() { for i in $(seq "$1"); do found_again 0000:01:00.0; done; }
# The physical function is new each time, and gets its virtual functions when it has been announced: each number of them in turn. They get no driver:
# QEMU's have no queues, and nvme waits for each of them for seconds.
functions() {
    for count in "$@"; do
        found_again 0000:05:00.0
        echo 0 > /sys/bus/pci/devices/0000:05:00.0/sriov_drivers_autoprobe
        echo $count > /sys/bus/pci/devices/0000:05:00.0/sriov_numvfs || failed "sriov_numvfs cannot be set to $count"
        until_true 60 settled || failed "$count virtual functions do not settle"
        usleep 300000
        echo 0 > /sys/bus/pci/devices/0000:05:00.0/sriov_numvfs
    done
    echo 1 > /sys/bus/pci/devices/0000:05:00.0/remove
}

tried=0
if load mtty; then
    races mdev mdev "-s mdev -s mtty --depth 2" mdevs mdev_type
    # With values, a recording that can be replayed under the shipped rules (tests/recordings).
    recorded mdev-values "-s mdev -s mtty --values" mdevs
else
    skip "mtty cannot be loaded"
fi
modprobe nvme 2> /dev/null
if [ -e /sys/bus/pci/devices/0000:01:00.0/nvme ]; then
    races nvme pci "-s pci -s nvme -d **/0000:01:00.0 -d **/0000:01:00.0/** --depth 2" "again 10" nvme/nvme driver
    recorded nvme-values "-s pci -s nvme -d **/0000:01:00.0 -d **/0000:01:00.0/** --values --depth 2" again 2
else
    skip "no NVMe function at 0000:01:00.0"
fi
if [ -e /sys/bus/pci/devices/0000:05:00.0/sriov_totalvfs ]; then
    races vf pci "-s pci -d **/0000:05:00.* --depth 1" "functions 6 6 6" physfn
    races sriov pci "-s pci -d **/0000:05:00.* --values --depth 1" "functions 2 6 4" virtfn
    recorded sriov-values "-s pci -d **/0000:05:00.* --values --depth 1" functions 2 3
    echo 1 > /sys/bus/pci/rescan
else
    skip "no SR-IOV at 0000:05:00.0"
fi
[ $tried = 0 ] || say "ok $scenario"
