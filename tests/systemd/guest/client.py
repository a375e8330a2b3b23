"""What a consumer does, on the socket itself. client.py watch SOCKET LOG | list SOCKET | call SOCKET METHOD [PARAMETERS]"""
import json, os, socket, sys, time

def replies(path, method, parameters, more=True):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(json.dumps({"method": "org.ueventmanager." + method, "parameters": parameters, "more": more}).encode() + b"\0")
        unread = b""
        while data := connection.recv(65536):
            *frames, unread = (unread + data).split(b"\0")
            for frame in frames:
                reply = json.loads(frame)
                if "error" in reply:
                    sys.exit(f"{reply['error']} {reply.get('parameters')}")
                yield reply["parameters"]
                if not reply.get("continues"):
                    return

def watch(path, log):
    cursor, out, attempt = None, open(log, "w", buffering=1), 0
    while True:
        try:
            for reply in replies(path, "Devices.Subscribe", {"cursor": cursor} if cursor else {}):
                cursor = reply.get("cursor") or cursor
                if gap := reply.get("gap"):
                    print("gap", gap["reason"], file=out)
                for device in reply.get("state") or []:
                    print("state", device["devpath"], file=out)
                for event in reply.get("events") or []:
                    cursor = event["cursor"]
                    print("event", event["action"], event["device"]["devpath"], file=out)
                if reply.get("ready"):
                    print("ready", "resumed" if attempt and cursor else "", file=out)
        except (ConnectionError, FileNotFoundError, BlockingIOError):
            time.sleep(0.1)
        attempt += 1
        print("closed", file=out)

def devices(path):
    return {device["devpath"]: device for reply in replies(path, "Devices.List", {"unsettled": True}) for device in reply["devices"]}

def in_sysfs():
    for directory, _, files in os.walk("/sys/devices"):
        if "uevent" in files and os.path.islink(os.path.join(directory, "subsystem")):
            yield directory[len("/sys"):]

def listed(path):
    """Fails unless the daemon knows what was in sysfs all the while: at a boot drivers go on adding devices."""
    before, known, after = set(in_sysfs()), devices(path), set(in_sysfs())
    missing, surplus = before & after - known.keys(), known.keys() - before - after
    settled = sum(device["settled"] for device in known.values())
    print(f"{len(known)} devices known, {settled} settled, {len(before)} in sysfs before and {len(after)} after, missing {sorted(missing)[:3]}, surplus {sorted(surplus)[:3]}")
    return 1 if missing or surplus else 0

def call(path, method, parameters="{}"):
    for reply in replies(path, method, json.loads(parameters), more=False):
        print(json.dumps(reply))

if __name__ == "__main__":
    verb, *arguments = sys.argv[1:]
    sys.exit({"watch": watch, "list": listed, "call": call}[verb](*arguments))
