# Runs the daemon as a user would, with the shipped rules, and every scenario (or those that VM_ONLY names).
. /share/guest/lib.sh

say "kernel $(uname -r)"
# As on a machine that has booted: drivers are there before the daemon.
for module in nvme e1000e igb igbvf virtio_net virtio_blk xhci_pci usbhid hid_generic evdev nd_pmem nfit bochs i2c_i801 button pcspkr iTCO_wdt; do modprobe -q $module; done
ueventctl daemon --rules /share/rules > /out/daemon.log 2>&1 &
daemon=$!
until_true 120 probe status $socket || { failed "the daemon does not start: $(tail -n 3 /out/daemon.log)"; exit 1; }
say "daemon ready"

known=$(ls /share/guest/scenarios | sed 's/^[0-9]*-//; s/\.sh$//' | paste -sd,)
for name in $(echo "${VM_ONLY:-}" | tr , ' '); do
    case ",$known," in *,"$name",*) ;; *) scenario=guest failed "VM_ONLY: there is no scenario '$name' (one of: $known)" ;; esac
done
for file in /share/guest/scenarios/*.sh; do
    name=$(basename "$file" .sh | sed 's/^[0-9]*-//')
    case ",${VM_ONLY:-$name}," in *,"$name",*) ;; *) continue ;; esac
    scenario=$name
    . "$file"
done
scenario=guest
kill -0 $daemon 2> /dev/null || failed "the daemon died: $(tail -n 3 /out/daemon.log)"
ueventctl status > /out/status.txt 2>&1
kill -TERM $daemon && wait $daemon || failed "the daemon ended with $?"
dmesg > /out/dmesg.txt
if grep -qE 'BUG:|WARNING:|Oops' /out/dmesg.txt; then say "the kernel complained: $(grep -m 1 -E 'BUG:|WARNING:|Oops' /out/dmesg.txt)"; fi
[ ! -s $failures ]
