"""A program on pyudev: pyudev-client.py SUBSYSTEM TAG. Says `listening`, then a line for each device: action, name, whether it is initialised, its tags."""
import sys, pyudev

monitor = pyudev.Monitor.from_netlink(pyudev.Context())
monitor.filter_by(sys.argv[1])
monitor.filter_by_tag(sys.argv[2])
monitor.start()
print("listening", flush=True)
for device in iter(monitor.poll, None):
    print(device.action, device.sys_name, "initialised" if device.is_initialized else "not-initialised", ",".join(sorted(filter(None, device.tags))), flush=True)
