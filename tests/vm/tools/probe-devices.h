#pragma once
#include "probe.h"

/* A device that we were told of, or whose removal the kernel announced. */
struct device {
    char *devpath;
    bool known, seen;
    uint64_t removed_seqnum;
    struct device *next;
};
struct device *device_of(const char *devpath, bool make);
void move_devices(const char *from, const char *to);
void forget_all(void);
/* Names each difference between what is known and what is in sysfs, some of them at most, and returns how many there are. */
unsigned compare_with_sysfs(FILE *out);
