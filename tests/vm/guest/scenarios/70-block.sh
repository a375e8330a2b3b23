# Disks: with partitions, without a medium, and such that go while they settle.
scenario=block
count=$(rounds 10 60)
if load loop; then
    # A partition table of two primary partitions.
    dd if=/dev/zero of=/tmp/disk bs=1M count=8 2> /dev/null
    { printf '\0\0\0\0\203\0\0\0\0\010\0\0\0\010\0\0'; printf '\0\0\0\0\203\0\0\0\0\020\0\0\0\010\0\0'; } | dd of=/tmp/disk bs=1 seek=446 conv=notrunc 2> /dev/null
    printf '\125\252' | dd of=/tmp/disk bs=1 seek=510 conv=notrunc 2> /dev/null
    begin block-loop
    i=0
    while [ $i -lt $count ]; do
        loop=$(losetup -f) && losetup -P "$loop" /tmp/disk && losetup -d "$loop" || { failed "losetup"; break; }
        i=$((i + 1))
    done
    finish
    expect "partitions" "$(happened '$3 == "add" && $5 ~ "/loop[0-9]+p[12]$"')" -ge 1
fi
if load sd_mod scsi_debug; then
    modprobe -r scsi_debug
    begin block-scsi
    i=0
    while [ $i -lt "$(rounds 5 30)" ]; do
        modprobe scsi_debug dev_size_mb=8 num_parts=3 max_luns=2 delay=0 && usleep 300000 && modprobe -r scsi_debug || { failed "scsi_debug"; break; }
        i=$((i + 1))
    done
    finish
    # It goes while it settles.
    begin block-scsi-gone
    i=0
    while [ $i -lt "$(rounds 5 30)" ]; do
        modprobe scsi_debug dev_size_mb=8 num_parts=3 max_luns=4 delay=0
        modprobe -r scsi_debug || sleep 1
        i=$((i + 1))
    done
    modprobe -r scsi_debug 2> /dev/null
    finish
fi
begin block-others
load null_blk && modprobe -r null_blk
if load zram; then
    i=0
    while [ $i -lt $count ]; do cat /sys/class/zram-control/hot_add > /tmp/zram && cat /tmp/zram > /sys/class/zram-control/hot_remove; i=$((i + 1)); done
    modprobe -r zram
fi
modprobe nbd nbds_max=4 2> /dev/null && modprobe -r nbd
if load md_mod; then
    echo md_seven > /sys/module/md_mod/parameters/new_array
    usleep 100000
    echo clear > /sys/block/md_seven/md/array_state
    rm -f /dev/md_seven
fi
finish
