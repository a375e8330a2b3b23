#include "probe.h"
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// From just before the event is sent until the last subscriber has read it, one event at a time.
#define LOST_AFTER_MS 2000

typedef struct {
    long wanted;
    bool seen;
} awaited;

static void seen(void *context, long number) {
    awaited *a = context;
    if (number == a->wanted) a->seen = true;
}

static bool receive(source *s, long number) {
    awaited a = { .wanted = number };
    while (!a.seen && source_wait(s, LOST_AFTER_MS)) source_read(s, seen, &a);
    return a.seen;
}

// When each of two sources has the event; 0 where it does not come. Neither is read before the other: both are waited for at once.
static void receive_both(source *one, source *other, long number, uint64_t when[2]) {
    source *both[2] = { one, other };
    awaited a[2] = { { .wanted = number }, { .wanted = number } };
    when[0] = when[1] = 0;
    while (!when[0] || !when[1]) {
        struct pollfd items[2] = { { .fd = when[0] ? -1 : one->fd, .events = POLLIN }, { .fd = when[1] ? -1 : other->fd, .events = POLLIN } };
        if (poll(items, 2, LOST_AFTER_MS) <= 0) return;
        for (int i = 0; i < 2; i++) {
            if (!(items[i].revents & POLLIN)) continue;
            source_read(both[i], seen, &a[i]);
            if (a[i].seen) when[i] = now_ns();
        }
    }
}

static void print(const char *name, const int64_t *values, long count) {
    printf(",\"%s\":[", name);
    for (long i = 0; i < count; i++) printf(i ? ",%lld" : "%lld", (long long)values[i]);
    printf("]");
}

int run_latency(const options *o) {
    static source sources[MAX_SUBSCRIBERS], plain;
    sender out;
    int64_t *took = calloc((size_t)o->count, sizeof *took), *beyond = calloc((size_t)o->count, sizeof *beyond);
    long lost = 0, got = 0, gaps = 0;
    for (int i = 0; i < o->subscribers; i++) source_open(&sources[i], o->source, o->netns, i);
    if (o->daemon) source_open(&plain, o->daemon, NULL, 0);
    sender_open(&out, o);
    uint64_t next = now_ns();
    for (long n = 1; n <= o->count; n++) {
        if (o->gap_us > 0) sleep_until(next);
        uint64_t sent = now_ns(), when[2] = { 0, 0 };
        sender_send(&out, n % o->devices, n);
        // Beside the daemon only the last namespace is waited for: to read from all of them takes longer than to send to them.
        if (o->daemon) receive_both(&plain, &sources[o->subscribers - 1], n, when);
        bool all = !o->daemon || (when[0] && when[1]);
        for (int i = 0; i < o->subscribers - (o->daemon ? 1 : 0); i++) all &= receive(&sources[i], n);
        uint64_t received = o->daemon ? when[1] : now_ns();
        if (all) beyond[got] = (int64_t)(when[1] - when[0]);
        if (all) took[got++] = (int64_t)(received - sent);
        else lost++;
        next = now_ns() + (uint64_t)o->gap_us * 1000;
        if (lost > 5) break;
    }
    for (int i = 0; i < o->subscribers; i++) gaps += sources[i].gaps;
    printf("{\"lost\":%ld,\"gaps\":%ld", lost, gaps);
    print("ns", took, got);
    print("beyond", beyond, o->daemon ? got : 0);
    printf("}\n");
    return 0;
}
