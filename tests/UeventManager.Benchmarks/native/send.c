#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE_DIGITS 6
#define FIRST_IFINDEX 100000

static size_t put(sender *s, const char *format, const char *value) {
    size_t at = s->length;
    s->length += (size_t)snprintf(s->message + at, sizeof s->message - at, format, value) + 1;
    return at;
}

// Everything that changes from event to event has a fixed width, so that sending costs the same for all.
static void compose(sender *s, const options *o) {
    char path[128];
    snprintf(path, sizeof path, "/devices/virtual/%s/bd000000", o->subsystem);
    s->length = sizeof(struct nlmsghdr);
    char head[256];
    snprintf(head, sizeof head, "%s@%s", o->action, path);
    size_t at = put(s, "%s", head);
    s->device_at[0] = s->message + at + strlen(head) - DEVICE_DIGITS;
    put(s, "ACTION=%s", o->action);
    at = put(s, "DEVPATH=%s", path);
    s->device_at[1] = s->message + at + 8 + strlen(path) - DEVICE_DIGITS;
    put(s, "SUBSYSTEM=%s", o->subsystem);
    if (!strcmp(o->subsystem, "net")) {
        at = put(s, "INTERFACE=%s", "bd000000");
        s->device_at[2] = s->message + at + 12;
        at = put(s, "IFINDEX=%s", "100000");
        s->ifindex_at = s->message + at + 8;
    }
    at = put(s, "BENCH=%s", "0000000000");
    s->number_at = s->message + at + 6;
    struct nlmsghdr *header = (void *)s->message;
    *header = (struct nlmsghdr){ .nlmsg_len = (uint32_t)s->length, .nlmsg_type = 16, .nlmsg_flags = NLM_F_REQUEST };
}

void sender_open(sender *s, const options *o) {
    memset(s, 0, sizeof *s);
    s->action = o->action;
    s->injects = !strcmp(o->via, "inject");
    if (!s->injects) {
        s->fd = open(o->via, O_WRONLY | O_CLOEXEC);
        if (s->fd < 0) die(o->via);
        return;
    }
    s->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_KOBJECT_UEVENT);
    struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
    if (s->fd < 0 || connect(s->fd, (struct sockaddr *)&kernel, sizeof kernel)) die("netlink");
    compose(s, o);
}

static void digits(char *at, int count, long value) {
    for (int i = count - 1; i >= 0; i--, value /= 10) at[i] = (char)('0' + value % 10);
}

void sender_send(sender *s, long device, long number) {
    if (!s->injects) {
        char line[128];
        int n = snprintf(line, sizeof line, "%s 5f7a3f2e-6a0c-4b5e-9d54-1f0c3b2a7e11 BENCH=%010ld", s->action, number);
        if (pwrite(s->fd, line, (size_t)n, 0) != n) die("writing a uevent");
        return;
    }
    for (int i = 0; i < 4; i++)
        if (s->device_at[i]) digits(s->device_at[i], DEVICE_DIGITS, device);
    if (s->ifindex_at) digits(s->ifindex_at, DEVICE_DIGITS, FIRST_IFINDEX + device);
    digits(s->number_at, MARKER_DIGITS, number);
    // A receiver's overrun comes back as ENOBUFS: that is the receiver's loss, counted where it receives.
    if (send(s->fd, s->message, s->length, 0) < 0 && errno != ENOBUFS && errno != ESRCH && errno != ECONNREFUSED) die("injecting a uevent");
    if ((number & 15) == 0) {
        // Acknowledgements of refused messages would fill this socket.
        char waste[4096];
        while (recv(s->fd, waste, sizeof waste, MSG_DONTWAIT) > 0) { }
    }
}
