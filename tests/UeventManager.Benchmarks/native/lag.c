#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// Each device appears and is announced by the kernel at a chance moment of the spread; its attribute appears wait_us later.
// The lag is from just before the attribute is made until the event is read.
typedef struct {
    uint64_t at;
    long device;
    bool attribute;
} act;

typedef struct {
    const options *o;
    uint64_t *made, *received;
    long got;
} lags;

static int by_time(const void *a, const void *b) {
    const act *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void file(int directory, const char *name, const char *text) {
    int fd = openat(directory, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 || write(fd, text, strlen(text)) < 0) die(name);
    close(fd);
}

static void appear(const options *o, int parent, long device) {
    char name[32], link[128];
    snprintf(name, sizeof name, "bd%06ld", device);
    snprintf(link, sizeof link, "../../../../class/%s", o->subsystem);
    if (mkdirat(parent, name, 0755)) die(name);
    int fd = openat(parent, name, O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || symlinkat(link, fd, "subsystem")) die("subsystem");
    file(fd, "uevent", "");
    close(fd);
}

static void *act_all(void *context) {
    lags *l = context;
    const options *o = l->o;
    char path[512];
    snprintf(path, sizeof path, "%s/devices/virtual/%s", o->sysfs, o->subsystem);
    int parent = open(path, O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) die(path);
    act *acts = calloc((size_t)o->count * 2, sizeof *acts);
    sender out;
    sender_open(&out, o);
    unsigned seed = 1;
    uint64_t start = now_ns() + 10000000;
    for (long i = 0; i < o->count; i++) {
        uint64_t at = start + (uint64_t)((double)rand_r(&seed) / RAND_MAX * (double)o->spread_us * 1000);
        acts[2 * i] = (act){ at, i, false };
        acts[2 * i + 1] = (act){ at + (uint64_t)o->wait_us * 1000, i, true };
    }
    qsort(acts, (size_t)o->count * 2, sizeof *acts, by_time);
    for (long i = 0; i < o->count * 2; i++) {
        sleep_until(acts[i].at);
        long device = acts[i].device;
        if (!acts[i].attribute) {
            appear(o, parent, device);
            sender_send(&out, device, device);
            continue;
        }
        char name[64];
        snprintf(name, sizeof name, "bd%06ld/ready", device);
        __atomic_store_n(&l->made[device], now_ns(), __ATOMIC_RELEASE);
        file(parent, name, "");
    }
    return NULL;
}

static void received(void *context, long number) {
    lags *l = context;
    if (number < 0 || number >= l->o->count || l->received[number]) return;
    l->received[number] = now_ns();
    l->got++;
}

int run_lag(const options *o) {
    source in;
    pthread_t thread;
    lags l = { .o = o, .made = calloc((size_t)o->count, 8), .received = calloc((size_t)o->count, 8) };
    uint64_t until = now_ns() + (uint64_t)(o->spread_us + o->wait_us) * 1000 + 15000000000ull;
    source_open(&in, o->source, NULL, 0);
    if (pthread_create(&thread, NULL, act_all, &l)) die("pthread_create");
    while (l.got < o->count && now_ns() < until)
        if (source_wait(&in, 100)) source_read(&in, received, &l);
    pthread_join(thread, NULL);
    long early = 0;
    printf("{\"lost\":%ld,\"gaps\":%ld,\"ns\":[", o->count - l.got, in.gaps);
    for (long i = 0, first = 1; i < o->count; i++) {
        if (!l.received[i]) continue;
        if (l.received[i] < l.made[i] || !l.made[i]) { early++; continue; }
        printf(first ? "%llu" : ",%llu", (unsigned long long)(l.received[i] - l.made[i]));
        first = 0;
    }
    printf("],\"early\":%ld}\n", early);
    return 0;
}
