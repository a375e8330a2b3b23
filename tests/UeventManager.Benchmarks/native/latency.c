#include "probe.h"
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

int run_latency(const options *o) {
    static source sources[MAX_SUBSCRIBERS];
    sender out;
    uint64_t *took = calloc((size_t)o->count, sizeof *took);
    long lost = 0, got = 0, gaps = 0;
    for (int i = 0; i < o->subscribers; i++) source_open(&sources[i], o->source);
    sender_open(&out, o);
    uint64_t next = now_ns();
    for (long n = 1; n <= o->count; n++) {
        if (o->gap_us > 0) sleep_until(next);
        uint64_t sent = now_ns();
        sender_send(&out, n % o->devices, n);
        bool all = true;
        for (int i = 0; i < o->subscribers; i++) {
            awaited a = { .wanted = n };
            while (!a.seen && source_wait(&sources[i], LOST_AFTER_MS)) source_read(&sources[i], seen, &a);
            all &= a.seen;
        }
        uint64_t received = now_ns();
        if (all) took[got++] = received - sent;
        else lost++;
        next = received + (uint64_t)o->gap_us * 1000;
        if (lost > 5) break;
    }
    for (int i = 0; i < o->subscribers; i++) gaps += sources[i].gaps;
    printf("{\"lost\":%ld,\"gaps\":%ld,\"ns\":[", lost, gaps);
    for (long i = 0; i < got; i++) printf(i ? ",%llu" : "%llu", (unsigned long long)took[i]);
    printf("]}\n");
    return 0;
}
