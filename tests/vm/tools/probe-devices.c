/* The devices that the daemon announced, and whether sysfs agrees. */
#define _GNU_SOURCE
#include "probe-devices.h"
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUCKETS = 65536, NAMED = 20 };
static struct device *buckets[BUCKETS];
static unsigned different;
static FILE *report;

struct device *device_of(const char *devpath, bool make)
{
    unsigned hash = 2166136261u;
    for (const char *c = devpath; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct device **slot = &buckets[hash % BUCKETS];
    for (struct device *d = *slot; d; d = d->next)
        if (strcmp(d->devpath, devpath) == 0)
            return d;
    if (!make)
        return NULL;
    struct device *d = calloc(1, sizeof *d);
    *d = (struct device){ .devpath = strdup(devpath), .next = *slot };
    return *slot = d;
}

/* Of the device and everything below it. */
void move_devices(const char *from, const char *to)
{
    size_t length = strlen(from), count = 0;
    char *paths[4096];
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct device *d = buckets[i]; d; d = d->next)
            if (d->known && strncmp(d->devpath, from, length) == 0 && (d->devpath[length] == '/' || !d->devpath[length]) && count < 4096)
                paths[count++] = d->devpath;
    for (size_t i = 0; i < count; i++) {
        char moved[4096];
        device_of(paths[i], true)->known = false;
        snprintf(moved, sizeof moved, "%s%s", to, paths[i] + length);
        device_of(moved, true)->known = true;
    }
}

void forget_all(void)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct device *d = buckets[i]; d; d = d->next)
            d->known = false;
}

static void differs(const char *what, const char *devpath)
{
    if (different++ < NAMED)
        fprintf(report, "%s %s\n", what, devpath);
}

/* A device: a directory with `uevent` and a link `subsystem` to a class or a bus. */
static int visit(const char *path, const struct stat *status, int kind, struct FTW *where)
{
    char name[4096], target[4096];
    ssize_t length;
    (void)status, (void)where;
    if (kind != FTW_D)
        return 0;
    snprintf(name, sizeof name, "%s/uevent", path);
    if (access(name, F_OK) < 0)
        return 0;
    snprintf(name, sizeof name, "%s/subsystem", path);
    if ((length = readlink(name, target, sizeof target - 1)) < 0)
        return 0;
    target[length] = 0;
    const char *subsystem = strrchr(target, '/');
    snprintf(name, sizeof name, "/sys/class%s", subsystem ? subsystem : "/");
    snprintf(target, sizeof target, "/sys/bus%s", subsystem ? strrchr(name, '/') : "/");
    if (access(name, F_OK) < 0 && access(target, F_OK) < 0)
        return 0;
    struct device *d = device_of(path + 4, true);
    d->seen = true;
    if (!d->known)
        differs("not-announced", d->devpath);
    return 0;
}

unsigned compare_with_sysfs(FILE *out)
{
    report = out;
    different = 0;
    nftw("/sys/devices", visit, 64, FTW_PHYS);
    for (unsigned i = 0; i < BUCKETS; i++)
        for (struct device *d = buckets[i]; d; d = d->next)
            if (d->known && !d->seen)
                differs("not-removed", d->devpath);
    return different;
}
