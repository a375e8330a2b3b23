# The prompt of `make vm-shell`: the daemon runs with the shipped rules.
ueventctl daemon --rules /share/rules > /out/daemon.log 2>&1 &
modprobe -a nvme e1000e virtio_net virtio_blk mtty 2> /dev/null
echo "ueventctl monitor, list, status …; scenarios are in /share/guest; exit or poweroff ends the guest"
exec sh
