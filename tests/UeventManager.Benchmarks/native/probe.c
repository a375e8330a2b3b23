#include "probe.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

void sleep_until(uint64_t ns) {
    struct timespec t = { (time_t)(ns / 1000000000ull), (long)(ns % 1000000000ull) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) { }
}

void die(const char *what) {
    fprintf(stderr, "probe: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void usage(void) {
    fprintf(stderr, "probe latency|storm|lag SOURCE [--subscribers N] [--count N] [--devices N] [--gap-us N] [--wait-us N] [--spread-us N]\n"
        "      [--via inject|FILE] [--action A] [--subsystem S] [--sysfs DIR] [--netns DIR] [--daemon SOURCE]\n"
        "probe start SOCKET COMMAND…\nprobe exec COUNT COMMAND…\n");
    exit(2);
}

static options read_options(int argc, char **argv) {
    options o = { .source = argv[2], .via = "inject", .action = "change", .subsystem = "net", .subscribers = 1, .count = 1000, .devices = 1 };
    for (int i = 3; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (!strcmp(name, "--via")) o.via = value;
        else if (!strcmp(name, "--action")) o.action = value;
        else if (!strcmp(name, "--subsystem")) o.subsystem = value;
        else if (!strcmp(name, "--sysfs")) o.sysfs = value;
        else if (!strcmp(name, "--netns")) o.netns = value;
        else if (!strcmp(name, "--daemon")) o.daemon = value;
        else if (!strcmp(name, "--subscribers")) o.subscribers = atoi(value);
        else if (!strcmp(name, "--count")) o.count = atol(value);
        else if (!strcmp(name, "--devices")) o.devices = atol(value);
        else if (!strcmp(name, "--gap-us")) o.gap_us = atol(value);
        else if (!strcmp(name, "--wait-us")) o.wait_us = atol(value);
        else if (!strcmp(name, "--spread-us")) o.spread_us = atol(value);
        else usage();
    }
    if (o.subscribers < 1 || o.subscribers > MAX_SUBSCRIBERS || o.count < 1 || o.devices < 1) usage();
    return o;
}

int main(int argc, char **argv) {
    if (argc < 3) usage();
    if (!strcmp(argv[1], "start") && argc > 3) return run_start(argv[2], argv + 3);
    if (!strcmp(argv[1], "exec") && argc > 3) return run_exec(atol(argv[2]), argv + 3);
    options o = read_options(argc, argv);
    if (!strcmp(argv[1], "latency")) return run_latency(&o);
    if (!strcmp(argv[1], "storm")) return run_storm(&o);
    if (!strcmp(argv[1], "lag") && o.sysfs) return run_lag(&o);
    usage();
}
