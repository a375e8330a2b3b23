/* Mediated devices of mtty as fast as the kernel makes them.
   churn make N         N devices, removed in batches once they have been announced
   churn leave N        N devices, which somebody else removes
   churn race ROUNDS SECONDS   one that creates against one that removes, as two scripts did on the kernel's mailing list
   churn uinput N       input devices, every second of which stays for a moment */
#include <errno.h>
#include <fcntl.h>
#include <linux/uinput.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* mtty has 24 ports. */
enum { BATCH = 20 };
static const char *create = "/sys/devices/virtual/mtty/mtty/mdev_supported_types/mtty-1/create";
static const char *raced = "802d71a3-560d-4316-999a-4c2033b7fbb2";
static atomic_int created, removed, busy, again, paused, reloads;
static atomic_bool over;

/* 0, or errno. */
static int write_file(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    int failed = write(fd, text, strlen(text)) < 0 ? errno : 0;
    close(fd);
    return failed;
}

static const char *file_of(const char *uuid, const char *file, char *path)
{
    sprintf(path, "/sys/devices/virtual/mtty/mtty/%s%s", uuid, file);
    return path;
}

static void nap(long usec)
{
    struct timespec t = { usec / 1000000, usec % 1000000 * 1000 };
    nanosleep(&t, NULL);
}

/* kmod's programs: busybox's modprobe -r fails where it cannot take away what mtty needs too. */
static bool reload(void)
{
    return system("for i in $(seq 50); do /bin/rmmod mtty && exec /bin/modprobe mtty; usleep 20000; done; exit 1") == 0;
}

static const char *uuid_of(int i, char *uuid)
{
    sprintf(uuid, "%08x-0000-4000-8000-%012x", i, i);
    return uuid;
}

/* Removes what was made since the last time, once the daemon waits for none of it. */
static int remove_batch(int from, int to)
{
    char uuid[64], path[256];
    nap(5000);
    for (int tries = 0; tries < 300 && system("probe status /run/uevent-manager/socket | grep -q 'waiting 0 '") != 0; tries++)
        nap(20000);
    for (int i = from; i < to; i++) {
        int failed = write_file(file_of(uuid_of(i, uuid), "/remove", path), "1");
        if (failed) {
            printf("remove %s: %s\n", uuid, strerror(failed));
            return 1;
        }
    }
    return 0;
}

static int make(int count, bool leave)
{
    char uuid[64];
    for (int i = 0, from = 0; i < count; i++) {
        int failed, tries = 0;
        uuid_of(i, uuid);
        /* ENOSPC: all ports of mtty are in use, so whoever removes must first have done so. */
        while ((failed = write_file(create, uuid)) == ENOSPC && tries++ < 30000)
            nap(1000);
        if (failed) {
            printf("create %s: %s\n", uuid, strerror(failed));
            return 1;
        }
        if (!leave && (i + 1 - from == BATCH || i + 1 == count)) {
            if (remove_batch(from, i + 1))
                return 1;
            from = i + 1;
        }
    }
    return 0;
}

static void *remover(void *none)
{
    char path[256], directory[256];
    file_of(raced, "/remove", path);
    file_of(raced, "", directory);
    while (!over) {
        int failed = access(path, F_OK) < 0 ? ENOENT : write_file(path, "1");
        if (!failed)
            removed++;
        else if (failed == EAGAIN) {
            /* remove_store() has taken its own file away, and mdev_device_remove() has refused: nothing removes this one now. */
            again++;
            paused = 1;
            while (paused != 2 && !over)
                nap(100);
            if (!over && access(directory, F_OK) == 0 && access(path, F_OK) < 0) {
                if (!reload())
                    over = true;
                reloads++;
            }
            paused = 0;
        } else if (failed != ENOENT && failed != ENODEV)
            busy++;
    }
    return none;
}

static int race(int rounds, int seconds)
{
    char directory[256];
    pthread_t other;
    int last = 0, quiet = 0;
    time_t said = time(NULL), until = said + seconds;
    file_of(raced, "", directory);
    pthread_create(&other, NULL, remover, NULL);
    while (!over && removed + reloads < rounds && time(NULL) < until) {
        if (paused == 1)
            paused = 2;
        if (paused) {
            nap(100);
            continue;
        }
        if (access(directory, F_OK) < 0 && write_file(create, raced) == 0)
            created++;
        if (time(NULL) - said >= 10) {
            said = time(NULL);
            printf("VM-SAY race: %d of %d rounds, %d devices died of EAGAIN\n", removed + reloads, rounds, reloads);
            fflush(stdout);
            quiet = last == removed + reloads ? quiet + 1 : 0;
            last = removed + reloads;
            if (quiet == 6)
                over = true;
        }
    }
    bool hung = over;
    over = true;
    pthread_join(other, NULL);
    char path[256];
    write_file(file_of(raced, "/remove", path), "1");
    if (access(directory, F_OK) == 0)
        reload();
    printf("rounds %d created %d removed %d again %d reloads %d busy %d\n", removed + reloads, created, removed, again, reloads, busy);
    return hung;
}

/* Input devices, each with one key. */
static int uinput(int count)
{
    for (int i = 0; i < count; i++) {
        struct uinput_setup setup = { .name = "key" };
        int fd = open("/dev/uinput", O_WRONLY | O_CLOEXEC);
        if (fd < 0 || ioctl(fd, UI_SET_EVBIT, EV_KEY) < 0 || ioctl(fd, UI_SET_KEYBIT, KEY_A) < 0 || ioctl(fd, UI_DEV_SETUP, &setup) < 0
            || ioctl(fd, UI_DEV_CREATE) < 0) {
            perror("uinput");
            return 1;
        }
        if (i % 2)
            nap(20000);
        close(fd);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int count = argc >= 3 ? atoi(argv[2]) : 0, seconds = argc == 4 ? atoi(argv[3]) : 0;
    if (count > 0 && seconds > 0 && strcmp(argv[1], "race") == 0)
        return race(count, seconds);
    if (count > 0 && (strcmp(argv[1], "make") == 0 || strcmp(argv[1], "leave") == 0))
        return make(count, argv[1][0] == 'l');
    if (count > 0 && strcmp(argv[1], "uinput") == 0)
        return uinput(count);
    fprintf(stderr, "usage: churn make|leave|uinput N | churn race ROUNDS SECONDS\n");
    return 2;
}
