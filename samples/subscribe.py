#!/usr/bin/env python3
"""subscribe.py [SOCKET] [SUBSYSTEM…]: prints action, devpath and settled of each event. SOCKET has a slash in it (default: the system's daemon)."""
import json, os, signal, socket, sys

def replies(path, method, parameters):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        call = {"method": method, "parameters": parameters, "more": True}
        connection.sendall(json.dumps(call).encode() + b"\0")
        unread = b""
        while data := connection.recv(65536):
            *frames, unread = (unread + data).split(b"\0")
            yield from map(json.loads, frames)

if any(word.startswith("-") for word in sys.argv[1:]): sys.exit(print(__doc__))
signal.signal(signal.SIGINT, lambda *_: sys.exit())
path = sys.argv.pop(1) if "/" in "".join(sys.argv[1:2]) else os.environ.get("UEVENT_MANAGER_SOCKET", "/run/uevent-manager/socket")
sys.excepthook = lambda kind, error, trace: print(f"subscribe.py: {path}: {error}", file=sys.stderr)
wanted = {"filter": {"subsystems": sys.argv[1:]}} if sys.argv[1:] else {}
for reply in replies(path, "org.ueventmanager.Devices.Subscribe", wanted):
    if "error" in reply:
        sys.exit(reply["error"])
    for event in reply["parameters"].get("events") or []:
        print(event["action"], event["device"]["devpath"], event["device"]["settled"], flush=True)
