/* probe plain|subscribe|…: who reads the kernel's uevents, and who reads ours, and what each finds in sysfs at that moment.
   Both look at the same names, those of expect.txt, which knows nothing of the rules. */
#include "probe.h"
#include <dirent.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct expectation expectations[256];
size_t expectation_count;
volatile bool stopped;

void read_expectations(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[256], need[16];
    if (!file) {
        perror(path);
        exit(2);
    }
    while (fgets(line, sizeof line, file)) {
        struct expectation *e = &expectations[expectation_count];
        if (*line == '#' || *line == '\n')
            continue;
        if (expectation_count == 256 || sscanf(line, "%15s %31s %31s %63s %63s", need, e->subsystem, e->devtype, e->sysname, e->item) != 5) {
            fprintf(stderr, "%s: not understood: %s", path, line);
            exit(2);
        }
        e->optional = strcmp(need, "optional") == 0;
        expectation_count++;
    }
    fclose(file);
}

bool expected_of(const struct expectation *e, const char *subsystem, const char *devtype, const char *devpath)
{
    const char *sysname = strrchr(devpath, '/');
    return strcmp(e->subsystem, subsystem) == 0
        && fnmatch(e->devtype, devtype ? devtype : "", 0) == 0
        && fnmatch(e->sysname, sysname ? sysname + 1 : devpath, 0) == 0;
}

bool present(int directory, const char *item)
{
    if (!strpbrk(item, "*?["))
        return faccessat(directory, item, F_OK, 0) == 0;
    const char *slash = strrchr(item, '/');
    char parent[64] = ".";
    if (slash)
        snprintf(parent, sizeof parent, "%.*s", (int)(slash - item), item);
    int fd = openat(directory, parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *entries = fd < 0 ? NULL : fdopendir(fd);
    bool found = false;
    if (!entries)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(entries));)
        found = fnmatch(slash ? slash + 1 : item, entry->d_name, FNM_PERIOD) == 0 && faccessat(fd, entry->d_name, F_OK, 0) == 0;
    closedir(entries);
    return found;
}

int open_device(const char *devpath)
{
    char path[4096];
    snprintf(path, sizeof path, "/sys%s", devpath);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int64_t now_usec(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

void add_sample(int64_t **samples, size_t *count, int64_t value)
{
    if ((*count & (*count - 1)) == 0)
        *samples = realloc(*samples, (*count ? *count * 2 : 1) * sizeof value);
    (*samples)[(*count)++] = value;
}

static int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void print_samples(FILE *out, int64_t *samples, size_t count)
{
    if (!count) {
        fprintf(out, "0 - - -");
        return;
    }
    qsort(samples, count, sizeof *samples, by_value);
    fprintf(out, "%zu %lld %lld %lld", count, (long long)samples[count / 2], (long long)samples[(count * 99 + 99) / 100 - 1],
        (long long)samples[count - 1]);
}

static void stop(int signal)
{
    (void)signal;
    stopped = true;
}

int main(int argc, char **argv)
{
    /* Without SA_RESTART: a signal ends the poll. */
    struct sigaction action = { .sa_handler = stop };
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    if (argc == 4 && strcmp(argv[1], "plain") == 0) {
        read_expectations(argv[2]);
        return plain(argv[3]);
    }
    if ((argc == 5 || argc == 6) && strcmp(argv[1], "subscribe") == 0) {
        read_expectations(argv[2]);
        return subscribe(argv[3], argv[4], argc == 6 ? argv[5] : NULL);
    }
    if (argc == 3 && strcmp(argv[1], "status") == 0)
        return status(argv[2]);
    fprintf(stderr, "usage: probe status SOCKET | plain EXPECT OUT | subscribe EXPECT SOCKET OUT [SUBSYSTEM-TO-REMOVE]\n");
    return 2;
}
