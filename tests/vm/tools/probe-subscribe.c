/* The consumer with us: it looks for the same names at the same moment as the plain reader, which is when its event arrives.
   What it does not find counts only while that very device is there: the kernel's removes are read beside, for a device may
   have gone, and another may stand at its path, before we look. */
#include "probe-devices.h"
#include "probe-varlink.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GIVE_UP_USEC = 2000000, QUIET_MSEC = 300, SETTLE_USEC = 60000000 };

struct miss {
    int directory;
    struct device *device;
    struct expectation *expectation;
    uint64_t seqnum;
    int64_t since;
    struct miss *next;
};
static struct miss *misses;
static FILE *out, *events;
static const char *to_remove;
static unsigned adds, removes, changes, others, gone, unpaired_adds, unpaired_removes, unsettled, before_parent, gaps, remove_failed, remove_done, frames;
static int64_t *lags;
static size_t lag_count;

static void unexpected(unsigned *count, const char *what, const char *devpath)
{
    if (++*count <= 10)
        fprintf(out, "%s %s\n", what, devpath);
}

static void look(struct device *device, const char *subsystem, const char *devtype, uint64_t seqnum)
{
    int directory = open_device(device->devpath);
    if (directory < 0) {
        gone++;
        return;
    }
    for (size_t i = 0; i < expectation_count; i++) {
        struct expectation *e = &expectations[i];
        if (!expected_of(e, subsystem, devtype, device->devpath))
            continue;
        e->n++;
        if (present(directory, e->item))
            continue;
        struct miss *miss = malloc(sizeof *miss);
        *miss = (struct miss){ dup(directory), device, e, seqnum, now_usec(), misses };
        misses = miss;
    }
    close(directory);
}

/* The kernel's removes must have been read just before. */
static void judge(bool last)
{
    for (struct miss **slot = &misses, *miss; (miss = *slot);) {
        bool went = miss->device->removed_seqnum > miss->seqnum || !present(miss->directory, "uevent");
        bool came = !went && present(miss->directory, miss->expectation->item);
        if (!went && !came && !last && now_usec() - miss->since < GIVE_UP_USEC) {
            slot = &miss->next;
            continue;
        }
        if (went)
            gone++;
        else {
            miss->expectation->missed++;
            miss->expectation->never += !came;
            if (!miss->expectation->optional)
                fprintf(out, "early %s %s\n", miss->device->devpath, miss->expectation->item);
        }
        close(miss->directory);
        *slot = miss->next;
        free(miss);
    }
}

/* What libvirt or a script might do on an add: take the device away at once. */
static void remove_device(const char *devpath)
{
    char path[4096];
    snprintf(path, sizeof path, "/sys%s/remove", devpath);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "1\n", 2) != 2) {
        fprintf(out, "remove %s: %s\n", devpath, strerror(errno));
        remove_failed++;
    } else
        remove_done++;
    if (fd >= 0)
        close(fd);
}

static void added(const struct json *event, const struct json *device, const char *devpath)
{
    struct device *known = device_of(devpath, true);
    const char *parent = text_of(device, "parent");
    adds++;
    if (known->known)
        unexpected(&unpaired_adds, "second-add", devpath);
    known->known = true;
    struct device *above = parent ? device_of(parent, false) : NULL;
    if (parent && !(above && above->known))
        unexpected(&before_parent, "before-parent", devpath);
    if (member(device, "settled") && member(device, "settled")->kind != JSON_TRUE)
        unexpected(&unsettled, "unsettled", devpath);
    if (member(event, "seqnum"))
        add_sample(&lags, &lag_count, number_of(event, "settledUsec") - number_of(event, "arrivedUsec"));
    look(known, text_of(device, "subsystem"), text_of(device, "devtype"), number_of(event, "seqnum"));
    if (to_remove && strcmp(text_of(device, "subsystem"), to_remove) == 0)
        remove_device(devpath);
}

/* One line an event, for what a scenario asks besides: time, reply, action, subsystem, devpath, lag, group, size, numvfs. */
static void note(const struct json *event, const struct json *device)
{
    const struct json *group = member(event, "group"), *attributes = member(device, "attributes"), *synthetic = member(event, "synthetic");
    const char *numvfs = text_of(attributes, "sriov_numvfs");
    fprintf(events, "%lld %u %s %s %s lag=%lld group=%s size=%lld numvfs=%s synthetic=%d rule=%s\n", (long long)now_usec(), frames,
        text_of(event, "action"), text_of(device, "subsystem"), text_of(device, "devpath"),
        (long long)(number_of(event, "settledUsec") - number_of(event, "arrivedUsec")), group ? text_of(group, "id") : "-",
        (long long)number_of(group, "size"), numvfs ? numvfs : "-", synthetic && synthetic->kind == JSON_TRUE,
        text_of(device, "rule") ? text_of(device, "rule") : "-");
}

static void one_event(const struct json *event)
{
    const struct json *device = member(event, "device");
    const char *action = text_of(event, "action"), *devpath = text_of(device, "devpath");
    if (member(device, "kobject") && member(device, "kobject")->kind == JSON_TRUE)
        return;
    note(event, device);
    if (strcmp(action, "add") == 0)
        added(event, device, devpath);
    else if (strcmp(action, "remove") == 0) {
        struct device *known = device_of(devpath, true);
        removes++;
        if (!known->known)
            unexpected(&unpaired_removes, "remove-of-unknown", devpath);
        known->known = false;
    } else if (strcmp(action, "move") == 0)
        move_devices(text_of(event, "oldDevpath"), devpath);
    else if (strcmp(action, "change") == 0)
        changes++;
    else
        others++;
}

static void one_reply(const struct json *reply, bool *ready)
{
    frames++;
    if (member(reply, "gap")) {
        gaps++;
        fprintf(out, "gap %s\n", text_of(member(reply, "gap"), "reason"));
        forget_all();
    }
    for (struct json *d = member(reply, "state") ? member(reply, "state")->first : NULL; d; d = d->next)
        device_of(text_of(d, "devpath"), true)->known = true;
    for (struct json *e = member(reply, "events") ? member(reply, "events")->first : NULL; e; e = e->next)
        one_event(e);
    if (!*ready && member(reply, "ready")) {
        *ready = true;
        puts("ready");
        fflush(stdout);
    }
}

static void read_removes(int uevents, unsigned *overruns)
{
    struct uevent event;
    while (next_uevent(uevents, &event, overruns))
        if (strcmp(event.action, "remove") == 0)
            device_of(event.devpath, true)->removed_seqnum = event.seqnum;
}

int subscribe(const char *socket, const char *path, const char *remove_subsystem)
{
    struct varlink v;
    char name[4096];
    unsigned overruns = 0;
    int64_t stopping = 0, waiting = 0, held = 0;
    bool ready = false;
    snprintf(name, sizeof name, "%s.events", path);
    to_remove = remove_subsystem;
    out = fopen(path, "w");
    events = fopen(name, "w");
    if (!out || !events || !varlink_open(&v, socket)
        || !varlink_call(&v, "{\"method\":\"org.ueventmanager.Devices.Subscribe\",\"parameters\":{},\"more\":true}")) {
        perror("probe: subscribe");
        return 3;
    }
    struct pollfd pollers[2] = { { .fd = v.fd, .events = POLLIN }, { .fd = open_uevents(), .events = POLLIN } };
    for (;;) {
        int count = poll(pollers, 2, stopped ? QUIET_MSEC : misses ? 1 : -1);
        if (stopped && !stopping)
            stopping = now_usec();
        if (count > 0 && pollers[0].revents) {
            if (!varlink_fill(&v)) {
                fprintf(out, "the daemon closed the connection\n");
                fclose(out);
                return 3;
            }
            for (struct json *reply; (reply = varlink_reply(&v));)
                one_reply(reply, &ready);
        }
        read_removes(pollers[1].fd, &overruns);
        judge(false);
        /* Stopped: until nothing comes any more and nothing waits. */
        if (stopped && count == 0 && !misses && varlink_status(socket, &waiting, &held)
            && (!waiting || now_usec() - stopping > SETTLE_USEC))
            break;
    }
    judge(true);
    unsigned different = compare_with_sysfs(out);
    fprintf(out, "sum adds %u removes %u changes %u others %u gone %u second-adds %u unknown-removes %u unsettled %u before-parent %u gaps %u "
        "remove-failed %u remove-done %u differences %u waiting %lld held %lld overruns %u lag ", adds, removes, changes, others, gone, unpaired_adds,
        unpaired_removes, unsettled, before_parent, gaps, remove_failed, remove_done, different, (long long)waiting, (long long)held, overruns);
    print_samples(out, lags, lag_count);
    fputc('\n', out);
    for (size_t i = 0; i < expectation_count; i++) {
        struct expectation *e = &expectations[i];
        if (e->n)
            fprintf(out, "item %zu n %u missed %u never %u %s\n", i, e->n, e->missed, e->never, e->optional ? "optional" : "required");
    }
    fclose(events);
    return fclose(out) == 0 ? 0 : 2;
}
