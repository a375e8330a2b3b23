#include "probe.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

// Events as fast as one thread can send them, read by another until all have come or nothing comes any more.
#define IDLE_NS 2000000000ull
#define LONGEST_NS 120000000000ull

typedef struct {
    const options *o;
    uint64_t began, ended;
    atomic_bool done;
} sending;

static void *send_all(void *context) {
    sending *job = context;
    sender out;
    sender_open(&out, job->o);
    job->began = now_ns();
    for (long n = 1; n <= job->o->count; n++) sender_send(&out, n % job->o->devices, n);
    job->ended = now_ns();
    job->done = true;
    return NULL;
}

static void ignore(void *context, long number) { (void)context; (void)number; }

int run_storm(const options *o) {
    static source sources[MAX_SUBSCRIBERS];
    static long counts[MAX_SUBSCRIBERS];
    sending job = { .o = o };
    pthread_t thread;
    int poller = epoll_create1(0), complete = 0;
    long gaps = 0, least = -1, total = 0;
    for (int i = 0; i < o->subscribers; i++) {
        struct epoll_event item = { .events = EPOLLIN, .data.u32 = (uint32_t)i };
        source_open(&sources[i], o->source, o->netns, i);
        if (epoll_ctl(poller, EPOLL_CTL_ADD, sources[i].fd, &item)) die("epoll_ctl");
    }
    uint64_t start = now_ns(), last = start;
    if (pthread_create(&thread, NULL, send_all, &job)) die("pthread_create");
    while (complete < o->subscribers) {
        struct epoll_event ready[64];
        int n = epoll_wait(poller, ready, 64, 100);
        for (int i = 0; i < n; i++) {
            uint32_t which = ready[i].data.u32;
            long found = source_read(&sources[which], ignore, NULL);
            if (found <= 0) continue;
            last = now_ns();
            bool was = counts[which] >= o->count;
            counts[which] += found;
            if (!was && counts[which] >= o->count) complete++;
        }
        uint64_t now = now_ns();
        if (!job.done && now - start < LONGEST_NS) continue;
        if (now - last > IDLE_NS || now - start > LONGEST_NS) break;
    }
    pthread_join(thread, NULL);
    for (int i = 0; i < o->subscribers; i++) {
        gaps += sources[i].gaps;
        total += counts[i];
        if (least < 0 || counts[i] < least) least = counts[i];
    }
    printf("{\"sent\":%ld,\"received\":%ld,\"total\":%ld,\"gaps\":%ld,\"sendNs\":%llu,\"ns\":%llu}\n", o->count, least, total, gaps,
        (unsigned long long)(job.ended - job.began), (unsigned long long)(last - job.began));
    return 0;
}
