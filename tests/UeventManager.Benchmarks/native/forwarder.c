// What the work costs without any guarantee: one thread, group 1, one existence check an event, JSON to a Unix socket.
// It waits for nothing, keeps no state and no order between devices, resumes nobody, and a slow reader stops it.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define BATCH 64
#define DATAGRAM_BYTES 8192
#define MAX_CLIENTS 1024

static char data[BATCH][DATAGRAM_BYTES];
static struct mmsghdr messages[BATCH];
static struct iovec vectors[BATCH];
static struct sockaddr_nl names[BATCH];
static char output[BATCH * 7 * DATAGRAM_BYTES];
static size_t length;
static struct pollfd polled[2 + MAX_CLIENTS];
static int count = 2;

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static void raw(const char *text, size_t n) {
    memcpy(output + length, text, n);
    length += n;
}

static void literal(const char *text) { raw(text, strlen(text)); }

static void quoted(const char *text, size_t n) {
    output[length++] = '"';
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') output[length++] = '\\';
        if (c < 0x20) length += (size_t)sprintf(output + length, "\\u%04x", c);
        else output[length++] = (char)c;
    }
    output[length++] = '"';
}

static const char *value(const char *from, const char *end, const char *key) {
    size_t n = strlen(key);
    for (; from < end; from += strlen(from) + 1)
        if (!strncmp(from, key, n) && from[n] == '=') return from + n + 1;
    return "";
}

static void encode(char *from, size_t n) {
    char *end = from + n, path[4200];
    if (n == 0 || end[-1] != 0 || !strchr(from, '@')) return;
    char *properties = from + strlen(from) + 1;
    const char *devpath = value(properties, end, "DEVPATH"), *action = value(properties, end, "ACTION"), *subsystem = value(properties, end, "SUBSYSTEM");
    snprintf(path, sizeof path, "/sys%.4000s/uevent", devpath);
    int exists = faccessat(AT_FDCWD, path, F_OK, 0) == 0;
    literal("{\"action\":");
    quoted(action, strlen(action));
    literal(",\"devpath\":");
    quoted(devpath, strlen(devpath));
    literal(",\"subsystem\":");
    quoted(subsystem, strlen(subsystem));
    literal(exists ? ",\"exists\":true,\"properties\":{" : ",\"exists\":false,\"properties\":{");
    for (char *at = properties, *first = at; at < end; at += strlen(at) + 1) {
        char *equals = strchr(at, '=');
        if (!equals) continue;
        if (at != first) output[length++] = ',';
        quoted(at, (size_t)(equals - at));
        output[length++] = ':';
        quoted(equals + 1, strlen(equals + 1));
    }
    raw("}}", 3);
}

static void send_all(int *slot) {
    for (size_t sent = 0; sent < length;) {
        ssize_t n = send(polled[*slot].fd, output + sent, length - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) {
            close(polled[*slot].fd);
            polled[(*slot)--] = polled[--count];
            return;
        }
        sent += (size_t)n;
    }
}

static int receive(int netlink) {
    for (int i = 0; i < BATCH; i++) {
        vectors[i] = (struct iovec){ data[i], DATAGRAM_BYTES };
        messages[i].msg_hdr = (struct msghdr){ .msg_iov = &vectors[i], .msg_iovlen = 1, .msg_name = &names[i], .msg_namelen = sizeof names[i] };
    }
    int n = recvmmsg(netlink, messages, BATCH, MSG_DONTWAIT, NULL);
    length = 0;
    for (int i = 0; i < n; i++)
        if (names[i].nl_pid == 0) encode(data[i], messages[i].msg_len);
    for (int i = 2; length > 0 && i < count; i++) send_all(&i);
    return n;
}

int main(int argc, char **argv) {
    if (argc != 2) return 2;
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT), bytes = 128 * 1024 * 1024;
    struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
    if (netlink < 0 || setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes)) fail("netlink");
    if (bind(netlink, (struct sockaddr *)&group, sizeof group)) fail("bind");
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", argv[1]);
    unlink(argv[1]);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128)) fail(argv[1]);
    polled[0] = (struct pollfd){ netlink, POLLIN, 0 };
    polled[1] = (struct pollfd){ listener, POLLIN, 0 };
    for (;;) {
        if (poll(polled, (nfds_t)count, -1) < 0 && errno != EINTR) fail("poll");
        if (polled[0].revents) receive(netlink);
        if (polled[1].revents && count < 2 + MAX_CLIENTS) {
            int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
            if (client >= 0 && send(client, "", 1, MSG_NOSIGNAL) == 1) polled[count++] = (struct pollfd){ client, 0, 0 };
        }
        for (int i = 2; i < count; i++) {
            if (!(polled[i].revents & (POLLHUP | POLLERR))) continue;
            close(polled[i].fd);
            polled[i--] = polled[--count];
        }
    }
}
