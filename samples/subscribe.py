#!/usr/bin/env python3
"""Prints action, devpath and settled of each event: subscribe.py SOCKET [SUBSYSTEM…]"""
import json, socket, sys

def replies(path, method, parameters):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        call = {"method": method, "parameters": parameters, "more": True}
        connection.sendall(json.dumps(call).encode() + b"\0")
        unread = b""
        while data := connection.recv(65536):
            *frames, unread = (unread + data).split(b"\0")
            yield from map(json.loads, frames)

wanted = {"filter": {"subsystems": sys.argv[2:]}} if sys.argv[2:] else {}
for reply in replies(sys.argv[1], "org.ueventmanager.Devices.Subscribe", wanted):
    if "error" in reply:
        sys.exit(reply["error"])
    for event in reply["parameters"].get("events") or []:
        print(event["action"], event["device"]["devpath"], event["device"]["settled"], flush=True)
