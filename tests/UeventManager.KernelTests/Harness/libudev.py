"""A client of libudev: libudev.py SUBSYSTEM TAG. Says `listening`, then a line for each device: action, sysname, whether it is initialised, its tags."""
import ctypes, select, sys

lib = ctypes.CDLL("libudev.so.1")
for name in ("udev_new", "udev_monitor_new_from_netlink", "udev_monitor_receive_device", "udev_device_get_tags_list_entry", "udev_list_entry_get_next"):
    getattr(lib, name).restype = ctypes.c_void_p
for name in ("udev_device_get_action", "udev_device_get_sysname", "udev_list_entry_get_name"):
    getattr(lib, name).restype = ctypes.c_char_p
lib.udev_device_get_seqnum.restype = ctypes.c_ulonglong

monitor = ctypes.c_void_p(lib.udev_monitor_new_from_netlink(ctypes.c_void_p(lib.udev_new()), b"udev"))
lib.udev_monitor_filter_add_match_subsystem_devtype(monitor, sys.argv[1].encode(), None)
lib.udev_monitor_filter_add_match_tag(monitor, sys.argv[2].encode())
if lib.udev_monitor_enable_receiving(monitor) < 0:
    sys.exit("udev_monitor_enable_receiving failed")
print("listening", flush=True)
while True:
    select.select([lib.udev_monitor_get_fd(monitor)], [], [])
    device = lib.udev_monitor_receive_device(monitor)
    if not device:
        continue
    device = ctypes.c_void_p(device)
    tags, entry = [], lib.udev_device_get_tags_list_entry(device)
    while entry:
        if name := lib.udev_list_entry_get_name(ctypes.c_void_p(entry)).decode():
            tags.append(name)
        entry = lib.udev_list_entry_get_next(ctypes.c_void_p(entry))
    print(lib.udev_device_get_action(device).decode(), lib.udev_device_get_sysname(device).decode(),
          "initialised" if lib.udev_device_get_is_initialized(device) else "not initialised", ",".join(sorted(tags)),
          "numbered" if lib.udev_device_get_seqnum(device) else "without a number", flush=True)
    lib.udev_device_unref(device)
