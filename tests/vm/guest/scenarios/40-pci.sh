# Functions that are removed and found again: every second time once all is settled, else at once, often while the driver probes.
scenario=pci
modprobe -a nvme e1000e virtio_net virtio_blk 2> /dev/null
for function in nvme:0000:01:00.0 e1000e:0000:02:00.0 virtio-net:0000:03:00.0 virtio-blk:0000:04:00.0; do
    name=${function%%:*} address=${function#*:}
    [ -e /sys/bus/pci/devices/$address/remove ] || { scenario=pci-$name; skip "no function $address"; continue; }
    count=$(rounds 20 60)
    begin pci-$name
    i=0
    while [ $i -lt $count ]; do
        echo 1 > /sys/bus/pci/devices/$address/remove
        echo 1 > /sys/bus/pci/rescan
        [ $((i % 2)) = 1 ] || until_true 30 settled || failed "round $i does not settle"
        i=$((i + 1))
    done
    until_true 30 test -e /sys/bus/pci/devices/$address/driver || failed "no driver at last"
    finish
    expect "adds of the function" "$(happened '$3 == "add" && $5 ~ "/'$address'$"')" -le $count
    expect "removes of the function" "$(happened '$3 == "remove" && $5 ~ "/'$address'$"')" = "$(happened '$3 == "add" && $5 ~ "/'$address'$"')"
done
