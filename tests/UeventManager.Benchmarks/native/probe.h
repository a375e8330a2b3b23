// The measuring client: one program that sends events and receives them from every contender by the same code.
// Times are CLOCK_MONOTONIC nanoseconds, taken in this one process at sending and at receipt.
#ifndef PROBE_H
#define PROBE_H
#define _GNU_SOURCE
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_SUBSCRIBERS 1024
#define MARKER_DIGITS 10

typedef struct {
    const char *source;     // kernel, udev, unix:PATH or varlink:PATH
    const char *via;        // inject, or the path of a uevent file
    const char *action;
    const char *subsystem;
    const char *sysfs;      // lag: the tree that the daemon looks at
    const char *netns;      // the directory whose files 0, 1, … are the subscribers' network namespaces
    const char *daemon;     // latency: where the event is received as well, to measure how much later it comes from the source
    int subscribers;
    long count;
    long devices;
    long gap_us;            // latency: from one receipt to the next event; 0 is back to back
    long wait_us;           // lag: from the uevent to the attribute
    long spread_us;         // lag: over which arrivals are spread
} options;

uint64_t now_ns(void);
void sleep_until(uint64_t ns);
void die(const char *what) __attribute__((noreturn));

// Receiving. A source is a netlink socket or a stream; what it brings is searched for event numbers.
typedef struct {
    int fd;
    enum { KERNEL, UDEV, STREAM } kind;
    char *buffer;
    size_t kept;            // stream: bytes of an unfinished number at the buffer's start
    long gaps;              // Varlink: gaps said by the daemon
} source;

typedef void (*on_event)(void *context, long number);

// Opens the subscriber with this number: where all of them listen, or in a network namespace of its own.
void source_open(source *s, const char *spec, const char *netns, int number);
// Reads once without waiting and reports each event number; -1 if there was nothing, else how many events.
long source_read(source *s, on_event report, void *context);
// Waits up to timeout_ms for something to read.
bool source_wait(source *s, int timeout_ms);

// Sending: the kernel itself broadcasts what is injected (uevent_net_rcv_skb()) or written to a uevent file.
typedef struct {
    int fd;
    bool injects;
    char message[1024];
    size_t length;
    char *device_at[4], *ifindex_at, *number_at;
    const char *action;
} sender;

void sender_open(sender *s, const options *o);
void sender_send(sender *s, long device, long number);

int run_latency(const options *o);
int run_storm(const options *o);
int run_lag(const options *o);
int run_start(const char *socket, char **command);
int run_exec(long count, char **command);

#endif
