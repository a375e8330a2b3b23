"""What systemd is to a service, in small: socket units, the descriptor store, a notify socket, a watchdog's variables.

service-manager.py DIRECTORY COMMAND…: makes DIRECTORY/subscribers (AF_UNIX), a netlink socket of uevents and DIRECTORY/notify, then obeys
lines on standard input: start, stop, kill, hup, wait. Says what happens on standard output: pid N, ended STATUS, and each notification.
"""
import array, os, signal, socket, sys, threading

directory, command = sys.argv[1], sys.argv[2:]
kernel = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 15)
kernel.setsockopt(socket.SOL_SOCKET, 33, 128 << 20)  # SO_RCVBUFFORCE
kernel.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
kernel.bind((0, 1))
subscribers = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
subscribers.bind(directory + "/subscribers")
subscribers.listen(4096)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(directory + "/notify")
store = {}


def say(text):
    print(text, flush=True)


def listen():
    while True:
        data, control, _, _ = notify.recvmsg(4096, 1024)
        descriptors = array.array("i")
        for level, kind, payload in control:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors.frombytes(payload)
        fields = dict(line.split("=", 1) for line in data.decode().split("\n"))
        if "FDSTORE" in fields:
            store[fields["FDNAME"]] = descriptors.pop()
        elif "FDSTOREREMOVE" in fields and fields["FDNAME"] in store:
            os.close(store.pop(fields["FDNAME"]))
        for descriptor in descriptors:
            os.close(descriptor)
        say("notify " + " ".join(data.decode().split("\n")))


def start():
    passed = [("kernel", kernel.fileno()), ("subscribers", subscribers.fileno()), *store.items()]
    pid = os.fork()
    if pid > 0:
        return pid
    safe = [os.dup2(fd, 100 + i) for i, (_, fd) in enumerate(passed)]
    for i, fd in enumerate(safe):
        os.dup2(fd, 3 + i)
    os.closerange(3 + len(passed), 256)
    environment = dict(
        os.environ, LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(passed)), LISTEN_FDNAMES=":".join(name for name, _ in passed),
        NOTIFY_SOCKET=directory + "/notify", WATCHDOG_USEC="1000000", FDSTORE="8")
    os.execve(command[0], command, environment)


threading.Thread(target=listen, daemon=True).start()
running = 0
signals = {"stop": signal.SIGTERM, "kill": signal.SIGKILL, "hup": signal.SIGHUP}
for line in sys.stdin:
    wanted = line.strip()
    if wanted == "start":
        running = start()
        say(f"pid {running}")
    else:
        if wanted in signals:
            os.kill(running, signals[wanted])
        if wanted in ("stop", "kill", "wait"):
            say(f"ended {os.waitstatus_to_exitcode(os.waitpid(running, 0)[1])}")
            running = 0
if running:
    os.kill(running, signal.SIGKILL)
