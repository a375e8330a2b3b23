"""What a program that knows udev alone finds at a device when udevd tells it: early.py SUBSYSTEM PATH COUNT LOG. One line for each of COUNT adds: whether
PATH was there in the device's directory. It listens once LOG is there."""
import os, socket, sys

subsystem, path, count, log = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15)
listener.bind((0, 2))
with open(log, "w", buffering=1) as out:
    while count:
        message = listener.recv(65536)
        if not message.startswith(b"libudev\0"):
            continue
        properties = dict(pair.split("=", 1) for pair in message[40:].decode(errors="replace").split("\0") if "=" in pair)
        if properties.get("ACTION") == "add" and properties.get("SUBSYSTEM") == subsystem and "SYNTH_UUID" not in properties:
            count -= 1
            print("complete" if os.path.exists(f"/sys{properties['DEVPATH']}/{path}") else "early", properties["DEVPATH"], file=out)
