/* One connection to the daemon: calls out, replies in. */
#include "probe-varlink.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool varlink_open(struct varlink *v, const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    memset(v, 0, sizeof *v);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    v->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return connect(v->fd, (struct sockaddr *)&address, sizeof address) == 0;
}

bool varlink_call(struct varlink *v, const char *call)
{
    size_t length = strlen(call) + 1;
    return send(v->fd, call, length, 0) == (ssize_t)length;
}

/* Reads once; false when the other side has closed. */
bool varlink_fill(struct varlink *v)
{
    if (v->begin) {
        memmove(v->data, v->data + v->begin, v->end - v->begin);
        v->end -= v->begin;
        v->begin = 0;
    }
    if (v->size - v->end < 65536)
        v->data = realloc(v->data, v->size += 1 << 20);
    ssize_t got = recv(v->fd, v->data + v->end, v->size - v->end, 0);
    if (got > 0)
        v->end += got;
    return got > 0 || (got < 0 && errno == EINTR);
}

/* The parameters of the next whole reply; null if there is none yet. An error ends the program: nothing here expects one. */
struct json *varlink_reply(struct varlink *v)
{
    char *nul = v->end > v->begin ? memchr(v->data + v->begin, 0, v->end - v->begin) : NULL;
    if (!nul)
        return NULL;
    struct json *reply = parse_json(v->data + v->begin);
    v->begin = nul - v->data + 1;
    if (!reply || member(reply, "error")) {
        fprintf(stderr, "probe: %s\n", reply ? text_of(reply, "error") : "a reply that is no JSON");
        exit(3);
    }
    return member(reply, "parameters");
}

/* How many devices wait and are held, as Status says. */
bool varlink_status(const char *path, int64_t *waiting, int64_t *held)
{
    struct varlink v;
    struct json *status = NULL;
    if (varlink_open(&v, path) && varlink_call(&v, "{\"method\":\"org.ueventmanager.Devices.Status\",\"parameters\":{}}"))
        while (varlink_fill(&v) && !(status = varlink_reply(&v)))
            ;
    *waiting = number_of(status, "waiting");
    *held = number_of(status, "held");
    close(v.fd);
    free(v.data);
    return status != NULL;
}

int status(const char *path)
{
    int64_t waiting, held;
    if (!varlink_status(path, &waiting, &held))
        return 1;
    printf("waiting %lld held %lld\n", (long long)waiting, (long long)held);
    return 0;
}
