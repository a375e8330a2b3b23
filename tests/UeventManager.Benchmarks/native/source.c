#include "probe.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BUFFER_BYTES (512 * 1024)
#define DATAGRAM_BYTES 8192
#define BATCH 64
#define LISTENS_WITHIN_NS 30000000000ull

// As libudev's monitor sends it (src/libsystemd/sd-device/device-monitor.c, struct monitor_netlink_header).
struct udev_header {
    char prefix[8];
    uint32_t magic, header_size, properties_off, properties_len;
};

static int open_netlink(unsigned group) {
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);
    int bytes = 256 * 1024 * 1024;
    struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = group };
    if (fd < 0) die("socket");
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes)) die("SO_RCVBUFFORCE");
    if (bind(fd, (struct sockaddr *)&address, sizeof address)) die("bind");
    return fd;
}

static int open_unix(const char *path) {
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) die("socket");
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    // The contender may just have been started.
    for (uint64_t until = now_ns() + LISTENS_WITHIN_NS; connect(fd, (struct sockaddr *)&address, sizeof address); sleep_until(now_ns() + 1000000))
        if (now_ns() > until) die(path);
    return fd;
}

// The forwarder says hello with an empty frame once it has accepted: an event sent earlier would not come.
static void hello(source *s) {
    if (recv(s->fd, s->buffer, 1, 0) != 1 || s->buffer[0] != 0) die("no hello");
}

// Subscribes without the state, and waits for the reply that says ready.
static void subscribe(source *s) {
    static const char call[] = "{\"method\":\"org.ueventmanager.Devices.Subscribe\",\"parameters\":{\"stateless\":true},\"more\":true}";
    size_t got = 0;
    if (send(s->fd, call, sizeof call, MSG_NOSIGNAL) != sizeof call) die("Subscribe");
    for (;;) {
        ssize_t n = recv(s->fd, s->buffer + got, BUFFER_BYTES - 1 - got, 0);
        if (n <= 0) die("Subscribe: no reply");
        got += (size_t)n;
        s->buffer[got] = 0;
        if (memchr(s->buffer, 0, got)) break;
    }
    if (!strstr(s->buffer, "\"ready\":true")) die("Subscribe: not ready");
}

static void enter(const char *path) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || setns(fd, CLONE_NEWNET)) die(path);
    close(fd);
}

static void open_here(source *s, const char *spec) {
    memset(s, 0, sizeof *s);
    s->buffer = malloc(BUFFER_BYTES);
    if (!strcmp(spec, "kernel")) {
        s->kind = KERNEL;
        s->fd = open_netlink(1);
    } else if (!strcmp(spec, "udev")) {
        s->kind = UDEV;
        s->fd = open_netlink(2);
    } else {
        const char *path = strchr(spec, ':');
        if (!path) die(spec);
        s->kind = STREAM;
        s->fd = open_unix(path + 1);
        if (!strncmp(spec, "varlink:", 8)) subscribe(s);
        else hello(s);
    }
}

void source_open(source *s, const char *spec, const char *netns, int number) {
    char path[256];
    if (!netns) {
        open_here(s, spec);
        return;
    }
    int own = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof path, "%s/%d", netns, number);
    enter(path);
    open_here(s, spec);
    if (own < 0 || setns(own, CLONE_NEWNET)) die("/proc/thread-self/ns/net");
    close(own);
}

bool source_wait(source *s, int timeout_ms) {
    struct pollfd item = { .fd = s->fd, .events = POLLIN };
    return poll(&item, 1, timeout_ms) > 0;
}

// The number in BENCH=0000000001 or "BENCH":"0000000001".
static long numbers(const char *from, const char *end, const char **unfinished, on_event report, void *context) {
    long found = 0;
    const char *at;
    while ((at = memmem(from, (size_t)(end - from), "BENCH", 5))) {
        if (end - at < 5 + 3 + MARKER_DIGITS) {
            *unfinished = at;
            return found;
        }
        const char *digits = at + 5;
        while (*digits < '0' || *digits > '9') digits++;
        long number = 0;
        for (int i = 0; i < MARKER_DIGITS; i++) number = number * 10 + (digits[i] - '0');
        report(context, number);
        found++;
        from = digits + MARKER_DIGITS;
    }
    *unfinished = end - from < 4 ? from : end - 4;
    return found;
}

static long read_stream(source *s, on_event report, void *context) {
    ssize_t n = recv(s->fd, s->buffer + s->kept, BUFFER_BYTES - s->kept, MSG_DONTWAIT);
    if (n < 0) return errno == EAGAIN || errno == EINTR ? -1 : (die("recv"), 0);
    if (n == 0) die("the contender closed the connection");
    const char *end = s->buffer + s->kept + n, *unfinished;
    for (const char *gap = s->buffer; (gap = memmem(gap, (size_t)(end - gap), "\"gap\":{", 7)); gap += 7) s->gaps++;
    long found = numbers(s->buffer, end, &unfinished, report, context);
    s->kept = (size_t)(end - unfinished);
    memmove(s->buffer, unfinished, s->kept);
    return found;
}

static long read_netlink(source *s, on_event report, void *context) {
    static struct mmsghdr messages[BATCH];
    static struct iovec vectors[BATCH];
    long found = 0;
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){ s->buffer + (size_t)i * DATAGRAM_BYTES, DATAGRAM_BYTES };
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1 };
    }
    int n = recvmmsg(s->fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (n < 0) return errno == EAGAIN || errno == EINTR || errno == ENOBUFS ? -1 : (die("recvmmsg"), 0);
    for (int i = 0; i < n; i++) {
        const char *from = vectors[i].iov_base, *end = from + messages[i].msg_len, *unfinished;
        if (s->kind == UDEV) {
            const struct udev_header *header = (const void *)from;
            if (messages[i].msg_len < sizeof *header || memcmp(from, "libudev", 8) || ntohl(header->magic) != 0xfeedcafe) continue;
            if (header->properties_off > messages[i].msg_len) continue;
            from += header->properties_off;
        }
        found += numbers(from, end, &unfinished, report, context);
    }
    return found;
}

long source_read(source *s, on_event report, void *context) {
    return s->kind == STREAM ? read_stream(s, report, context) : read_netlink(s, report, context);
}
