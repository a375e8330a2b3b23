# Virtual functions of QEMU's NVMe device, and of igb where QEMU has it. While sriov_numvfs is written, its device lock makes every read of it wait;
# nothing else may wait for that, so interfaces are made beside.
scenario=sriov
beside() { while [ ! -e /tmp/beside.stop ]; do ip link add dummy7 type dummy; ip link del dummy7; done; }
load dummy
for device in sriov:05 sriov-igb:06; do
    name=${device%:*} bus=${device#*:}
    pf=/sys/bus/pci/devices/0000:$bus:00.0
    [ -e $pf/sriov_totalvfs ] || { scenario=$name; skip "no SR-IOV at 0000:$bus:00.0"; continue; }
    most=$(cat $pf/sriov_totalvfs)
    for probe in 1 0; do
        for few in 1 "$most"; do
            echo $probe > $pf/sriov_drivers_autoprobe
            begin $name-$few-autoprobe-$probe
            rm -f /tmp/beside.stop
            beside & besides=$!
            echo "$few" > $pf/sriov_numvfs || failed "sriov_numvfs cannot be set to $few"
            until_true 60 settled || failed "$few virtual functions do not settle"
            echo 0 > $pf/sriov_numvfs
            touch /tmp/beside.stop
            wait $besides
            finish
            expect "virtual functions added" "$(happened '$3 == "add" && $4 == "pci" && $5 ~ "/0000:'$bus':"')" = "$few"
            expect "virtual functions removed" "$(happened '$3 == "remove" && $4 == "pci" && $5 ~ "/0000:'$bus':"')" = "$few"
            # One transaction: the functions and the change of the physical one, in one reply, with the number that holds.
            expect "events of the transaction" "$(happened '$4 == "pci" && $7 != "group=-" && $8 == "size='$((few + 1))'" && $10 == "synthetic=0"')" = $((few + 1))
            expect "replies of the transaction" "$(awk '$4 == "pci" && $7 != "group=-" { print $2 }' /tmp/rows/ours.events | sort -u | wc -l)" = 1
            expect "changes with the right number" "$(happened '$3 == "change" && $9 == "numvfs='"$few"'"')" -ge 1
            expect "changes with another number" "$(happened '$3 == "change" && $9 != "numvfs=-" && $9 != "numvfs='"$few"'" && $9 != "numvfs=0"')" = 0
            slow=$(awk '$4 == "net" { split($6, a, "="); if (a[2] > m) m = a[2]; n++ } END { print n + 0, m + 0 }' /tmp/rows/ours.events)
            say "  interfaces beside: ${slow% *} events, the slowest $((${slow#* } / 1000)) ms"
        done
    done
    echo 1 > $pf/sriov_drivers_autoprobe
done
