/* What the plain reader and the subscriber of the guest share. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Every name that is expected below a device of some kind when its add arrives: one line of expect.txt. */
struct expectation {
    char subsystem[32], devtype[32], sysname[64], item[64];
    bool optional;
    /* devices that were looked at; those that had it not; those that never got it */
    unsigned n, missed, never;
    int64_t *late;
    size_t lates;
};
extern struct expectation expectations[256];
extern size_t expectation_count;

void read_expectations(const char *path);
bool expected_of(const struct expectation *e, const char *subsystem, const char *devtype, const char *devpath);
/* Whether a glob below the directory names something that can be reached (no dangling link). */
bool present(int directory, const char *item);
int open_device(const char *devpath);

int64_t now_usec(void);
void add_sample(int64_t **samples, size_t *count, int64_t value);
/* n, p50, p99 and the greatest. Sorts the samples. */
void print_samples(FILE *out, int64_t *samples, size_t count);

/* A uevent of the kernel, read from a socket of group 1; false if there is none now. */
struct uevent {
    char text[8192];
    const char *action, *devpath, *subsystem, *devtype;
    uint64_t seqnum;
};
int open_uevents(void);
bool next_uevent(int socket, struct uevent *event, unsigned *overruns);

/* A JSON value with its members or elements; the text it was parsed from is written into. */
struct json {
    enum { JSON_NULL, JSON_FALSE, JSON_TRUE, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } kind;
    char *key, *text;
    int64_t number;
    struct json *first, *next;
};
/* Values live until the next call. Null: no JSON. */
struct json *parse_json(char *text);
struct json *member(const struct json *object, const char *key);
const char *text_of(const struct json *object, const char *key);
int64_t number_of(const struct json *object, const char *key);

extern volatile bool stopped;
int plain(const char *out);
int status(const char *socket);
int subscribe(const char *socket, const char *out, const char *remove_subsystem);
