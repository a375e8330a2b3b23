# Whatever else this kernel has without hardware.
scenario=others
count=$(rounds 5 30)
again() {
    local name=$1 i=0; shift
    begin "$name"
    while [ $i -lt $count ]; do "$@" || { failed "$* failed"; break; }; i=$((i + 1)); done
    finish
}
without() { ! "$@"; }
reload() { modprobe -a "$@" && usleep 200000 && modprobe -r "$@"; }

# A gadget of the kernel's own, at a host controller that is a program.
if modprobe dummy_hcd 2> /dev/null; then
    gadget() { ls -d /sys/devices/platform/dummy_hcd.0/usb*/*-1/*-1:*; }
    of_usb() { modprobe g_serial && until_true 30 gadget && modprobe -r g_serial && until_true 30 without gadget; }
    again usb of_usb
    modprobe -r dummy_hcd
fi
of_netdevsim() { echo "7 4" > /sys/bus/netdevsim/new_device && echo 2 > /sys/bus/netdevsim/devices/netdevsim7/sriov_numvfs && usleep 50000 && echo 7 > /sys/bus/netdevsim/del_device; }
load netdevsim && again netdevsim of_netdevsim
if has_vdpa=$(command -v vdpa) && load vhost_vdpa vdpa_sim_net; then
    of_vdpa() { $has_vdpa dev add mgmtdev vdpasim_net name seven && usleep 50000 && $has_vdpa dev del seven; }
    again vdpa of_vdpa
fi
modinfo vkms > /dev/null 2>&1 && again drm reload vkms
# test_power_exit() sleeps for ten seconds.
if modinfo test_power > /dev/null 2>&1; then
    count=$(rounds 2 6)
    again power_supply reload test_power
    count=$(rounds 5 30)
fi
load uinput && again input churn uinput 20
if modprobe i2c-stub chip_addr=0x48 2> /dev/null && modprobe lm75; then
    bus=$(grep -l 'SMBus stub' /sys/bus/i2c/devices/i2c-*/name | head -n 1 | xargs dirname)
    of_i2c() { echo lm75 0x48 > $bus/new_device && usleep 50000 && echo 0x48 > $bus/delete_device; }
    [ -n "$bus" ] && again i2c of_i2c
fi
# cfg80211 stays: when it goes, regulatory_exit() takes regulatory.0 away without a uevent, so nobody can tell of that.
of_wlan() { modprobe mac80211_hwsim && usleep 200000 && rmmod mac80211_hwsim; }
modprobe cfg80211 2> /dev/null && modinfo mac80211_hwsim > /dev/null 2>&1 && again wlan of_wlan
if load mdpy; then again mdpy reload mdpy; fi
if command -v rdma > /dev/null && load rdma_rxe; then
    ip link add dummy8 type dummy; ip link set dummy8 up
    of_rxe() { rdma link add rxe7 type rxe netdev dummy8 && usleep 50000 && rdma link delete rxe7; }
    again infiniband of_rxe
    ip link del dummy8
fi
