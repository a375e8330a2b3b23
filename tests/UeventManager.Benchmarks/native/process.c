#include "probe.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_DEADLINE_NS 60000000000ull

static pid_t launch(char **command) {
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child > 0) return child;
    // A probe that gives up leaves nothing running.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    dup2(null, 2);
    execvp(command[0], command);
    _exit(127);
}

// From fork to the reply of a call: calls that come before READY are answered after it.
int run_start(const char *path, char **command) {
    static const char call[] = "{\"method\":\"org.ueventmanager.Devices.Status\"}";
    static char reply[256 * 1024];
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    unlink(path);
    uint64_t start = now_ns();
    pid_t child = launch(command);
    int fd = -1, status;
    while (now_ns() - start < START_DEADLINE_NS) {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) break;
        close(fd);
        fd = -1;
        if (waitpid(child, &status, WNOHANG) == child) die("the daemon ended before it listened");
        sleep_until(now_ns() + 200000);
    }
    if (fd < 0 || send(fd, call, sizeof call, MSG_NOSIGNAL) != sizeof call) die("Status");
    size_t got = 0;
    while (!memchr(reply, 0, got)) {
        ssize_t n = recv(fd, reply + got, sizeof reply - got, 0);
        if (n <= 0) die("Status: no reply");
        got += (size_t)n;
    }
    uint64_t took = now_ns() - start;
    char *devices = strstr(reply, "\"devices\":");
    printf("{\"ns\":[%llu],\"devices\":%ld}\n", (unsigned long long)took, devices ? atol(devices + 10) : -1);
    close(fd);
    kill(child, SIGTERM);
    waitpid(child, &status, 0);
    return 0;
}

// A program from fork to its end, its output thrown away.
int run_exec(long count, char **command) {
    int status = 0;
    printf("{\"ns\":[");
    for (long i = 0; i < count; i++) {
        fflush(stdout);
        uint64_t start = now_ns();
        pid_t child = launch(command);
        if (waitpid(child, &status, 0) != child) die("waitpid");
        printf(i ? ",%llu" : "%llu", (unsigned long long)(now_ns() - start));
        if (status) break;
    }
    printf("],\"status\":%d}\n", WIFEXITED(status) ? WEXITSTATUS(status) : -1);
    return 0;
}
