#pragma once
#include "probe.h"

struct varlink {
    int fd;
    char *data;
    size_t begin, end, size;
};
bool varlink_open(struct varlink *v, const char *path);
bool varlink_call(struct varlink *v, const char *call);
bool varlink_fill(struct varlink *v);
struct json *varlink_reply(struct varlink *v);
bool varlink_status(const char *path, int64_t *waiting, int64_t *held);
