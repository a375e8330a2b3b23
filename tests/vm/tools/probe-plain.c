/* The consumer without us: a reader of group 1 that looks at a device when its add arrives, and then how long it would have
   had to wait for what it did not find. */
#define _GNU_SOURCE
#include "probe.h"
#include <linux/netlink.h>
#include <poll.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PENDING = 4096, GIVE_UP_USEC = 3000000, LOOK_AGAIN_USEC = 100 };

/* A name that was not there at the add. The directory is that instance's: it sees nothing of one that comes after it. */
struct pending {
    int directory;
    struct expectation *expectation;
    int64_t since;
};
static struct pending pending[PENDING];
static size_t pending_count;

int open_uevents(void)
{
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT), size = 64 << 20;
    struct sockaddr_nl group = { .nl_family = AF_NETLINK, .nl_groups = 1 };
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    if (fd < 0 || bind(fd, (struct sockaddr *)&group, sizeof group) < 0) {
        perror("netlink");
        exit(2);
    }
    return fd;
}

bool next_uevent(int socket, struct uevent *event, unsigned *overruns)
{
    ssize_t length;
    while ((length = recv(socket, event->text, sizeof event->text - 1, 0)) < 0) {
        if (errno != ENOBUFS && errno != EINTR)
            return false;
        if (errno == ENOBUFS)
            ++*overruns;
    }
    event->text[length] = 0;
    event->action = event->devpath = event->subsystem = event->devtype = NULL;
    event->seqnum = 0;
    for (char *field = event->text + strlen(event->text) + 1; field < event->text + length; field += strlen(field) + 1) {
        if (strncmp(field, "ACTION=", 7) == 0)
            event->action = field + 7;
        else if (strncmp(field, "DEVPATH=", 8) == 0)
            event->devpath = field + 8;
        else if (strncmp(field, "SUBSYSTEM=", 10) == 0)
            event->subsystem = field + 10;
        else if (strncmp(field, "DEVTYPE=", 8) == 0)
            event->devtype = field + 8;
        else if (strncmp(field, "SEQNUM=", 7) == 0)
            event->seqnum = strtoull(field + 7, NULL, 10);
    }
    return event->action && event->devpath && event->subsystem;
}

static void look(const struct uevent *event)
{
    int64_t at = now_usec();
    int directory = -1;
    for (size_t i = 0; i < expectation_count; i++) {
        struct expectation *e = &expectations[i];
        if (!expected_of(e, event->subsystem, event->devtype, event->devpath))
            continue;
        if (directory < 0 && (directory = open_device(event->devpath)) < 0)
            return;
        e->n++;
        if (present(directory, e->item))
            continue;
        e->missed++;
        if (pending_count < PENDING)
            pending[pending_count++] = (struct pending){ dup(directory), e, at };
    }
    if (directory >= 0)
        close(directory);
}

static void look_again(bool last)
{
    int64_t at = now_usec();
    for (size_t i = 0; i < pending_count;) {
        struct pending *p = &pending[i];
        bool there = present(p->directory, p->expectation->item);
        if (there)
            add_sample(&p->expectation->late, &p->expectation->lates, at - p->since);
        else if (!last && at - p->since < GIVE_UP_USEC && present(p->directory, "uevent")) {
            i++;
            continue;
        } else
            p->expectation->never++;
        close(p->directory);
        pending[i] = pending[--pending_count];
    }
}

int plain(const char *path)
{
    struct pollfd poller = { .fd = open_uevents(), .events = POLLIN };
    struct uevent event;
    unsigned overruns = 0, events = 0;
    puts("ready");
    fflush(stdout);
    while (!stopped) {
        struct timespec interval = { .tv_nsec = LOOK_AGAIN_USEC * 1000 };
        ppoll(&poller, 1, pending_count ? &interval : NULL, NULL);
        while (next_uevent(poller.fd, &event, &overruns)) {
            events++;
            if (strcmp(event.action, "add") == 0)
                look(&event);
        }
        look_again(false);
    }
    look_again(true);
    FILE *out = fopen(path, "w");
    if (!out)
        return 2;
    fprintf(out, "plain events %u overruns %u\n", events, overruns);
    for (size_t i = 0; i < expectation_count; i++) {
        struct expectation *e = &expectations[i];
        if (!e->n)
            continue;
        fprintf(out, "item %zu %s %s %s %s n %u missed %u never %u late ", i, e->subsystem, e->devtype, e->sysname, e->item, e->n, e->missed,
            e->never);
        print_samples(out, e->late, e->lates);
        fprintf(out, " %s\n", e->optional ? "optional" : "required");
    }
    return fclose(out) == 0 ? 0 : 2;
}
