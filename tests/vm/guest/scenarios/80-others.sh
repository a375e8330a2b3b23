# Whatever else this kernel has without hardware.
scenario=others
count=$(rounds 5 30)
again() {
    local name=$1 i=0; shift
    begin "$name"
    while [ $i -lt $count ]; do "$@" || { failed "$* failed"; break; }; i=$((i + 1)); done
    finish
}
reload() { modprobe -a "$@" && usleep 200000 && modprobe -r "$@"; }

if modprobe dummy_hcd && modprobe g_serial; then
    udc=$(ls /sys/class/udc | head -n 1)
    of_usb() { echo disconnect > /sys/class/udc/$udc/soft_connect && usleep 100000 && echo connect > /sys/class/udc/$udc/soft_connect && usleep 600000; }
    again usb of_usb
    modprobe -r g_serial dummy_hcd
fi
of_netdevsim() { echo "7 4" > /sys/bus/netdevsim/new_device && echo 2 > /sys/bus/netdevsim/devices/netdevsim7/sriov_numvfs && usleep 50000 && echo 7 > /sys/bus/netdevsim/del_device; }
load netdevsim && again netdevsim of_netdevsim
if has_vdpa=$(command -v vdpa) && load vhost_vdpa vdpa_sim_net; then
    of_vdpa() { $has_vdpa dev add mgmtdev vdpasim_net name seven && usleep 50000 && $has_vdpa dev del seven; }
    again vdpa of_vdpa
fi
modinfo vkms > /dev/null 2>&1 && again drm reload vkms
modinfo test_power > /dev/null 2>&1 && again power_supply reload test_power
load uinput && again input churn uinput 20
if load i2c_i801 lm75 i2c_stub chip_addr=0x48; then :; fi
if modprobe i2c-stub chip_addr=0x48 2> /dev/null && modprobe lm75; then
    bus=$(grep -l 'SMBus stub' /sys/class/i2c-adapter/*/name | head -n 1 | xargs dirname)
    of_i2c() { echo lm75 0x48 > $bus/new_device && usleep 50000 && echo 0x48 > $bus/delete_device; }
    [ -n "$bus" ] && again i2c of_i2c
fi
modinfo mac80211_hwsim > /dev/null 2>&1 && again wlan reload mac80211_hwsim
if load mdpy; then again mdpy reload mdpy; fi
if command -v rdma > /dev/null && load rdma_rxe; then
    ip link add dummy8 type dummy; ip link set dummy8 up
    of_rxe() { rdma link add rxe7 type rxe netdev dummy8 && usleep 50000 && rdma link delete rxe7; }
    again infiniband of_rxe
    ip link del dummy8
fi
