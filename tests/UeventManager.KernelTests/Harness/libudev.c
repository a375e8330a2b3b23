// A client of libudev, as C programs are: libudev SUBSYSTEM DEVTYPE TAG, each `-` for any. Says `listening`, then a line for each device: action, sysname,
// whether it is initialised, its tags, SEQNUM, DEVPATH, whether udev's database has it at that moment, and properties that are asked for after the tag.
#include <unistd.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

struct udev;
struct udev_device;
struct udev_list_entry;
struct udev_monitor;
struct udev *udev_new(void);
struct udev_monitor *udev_monitor_new_from_netlink(struct udev *, const char *);
int udev_monitor_filter_add_match_subsystem_devtype(struct udev_monitor *, const char *, const char *);
int udev_monitor_filter_add_match_tag(struct udev_monitor *, const char *);
int udev_monitor_set_receive_buffer_size(struct udev_monitor *, int);
int udev_monitor_enable_receiving(struct udev_monitor *);
int udev_monitor_get_fd(struct udev_monitor *);
struct udev_device *udev_monitor_receive_device(struct udev_monitor *);
struct udev_device *udev_device_new_from_syspath(struct udev *, const char *);
struct udev_device *udev_device_unref(struct udev_device *);
const char *udev_device_get_action(struct udev_device *);
const char *udev_device_get_sysname(struct udev_device *);
const char *udev_device_get_syspath(struct udev_device *);
const char *udev_device_get_devpath(struct udev_device *);
const char *udev_device_get_property_value(struct udev_device *, const char *);
int udev_device_get_is_initialized(struct udev_device *);
unsigned long long udev_device_get_seqnum(struct udev_device *);
struct udev_list_entry *udev_device_get_tags_list_entry(struct udev_device *);
struct udev_list_entry *udev_list_entry_get_next(struct udev_list_entry *);
const char *udev_list_entry_get_name(struct udev_list_entry *);

// What libudev finds of a device that a program opens by itself: initialised if, and only if, the database has an entry.
static const char *opened(struct udev *udev, struct udev_device *device) {
    struct udev_device *own = udev_device_new_from_syspath(udev, udev_device_get_syspath(device));
    if (!own)
        return "gone";
    const char *found = udev_device_get_is_initialized(own) ? "stored" : "unstored";
    udev_device_unref(own);
    return found;
}

// Says what comes next and passes the filters; 0 if nothing does.
static int told(struct udev *udev, struct udev_monitor *monitor, int count, char **arguments) {
    struct udev_device *device = udev_monitor_receive_device(monitor);
    if (!device)
        return 0;
    printf("%s %s %s ", udev_device_get_action(device), udev_device_get_sysname(device), udev_device_get_is_initialized(device) ? "initialised" : "not-initialised");
    int tags = 0;
    for (struct udev_list_entry *entry = udev_device_get_tags_list_entry(device); entry; entry = udev_list_entry_get_next(entry))
        if (*udev_list_entry_get_name(entry))
            printf("%s%s", tags++ ? "," : "", udev_list_entry_get_name(entry));
    printf("%s %llu %s %s", tags ? "" : "-", udev_device_get_seqnum(device), udev_device_get_devpath(device), opened(udev, device));
    for (int i = 4; i < count; i++) {
        const char *value = udev_device_get_property_value(device, arguments[i]);
        printf(" %s", value ? value : "-");
    }
    puts("");
    udev_device_unref(device);
    return 1;
}

int main(int count, char **arguments) {
    struct udev *udev = udev_new();
    struct udev_monitor *monitor = udev_monitor_new_from_netlink(udev, "udev");
    if (count < 4 || !monitor)
        return 2;
    const char *subsystem = arguments[1], *devtype = arguments[2], *tag = arguments[3];
    if (strcmp(subsystem, "-"))
        udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystem, strcmp(devtype, "-") ? devtype : NULL);
    if (strcmp(tag, "-"))
        udev_monitor_filter_add_match_tag(monitor, tag);
    // What is lost here on a slow machine would be taken for a fault of the sender.
    udev_monitor_set_receive_buffer_size(monitor, 64 << 20);
    if (udev_monitor_enable_receiving(monitor) < 0)
        return 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    puts("listening");
    struct pollfd wait[] = {{.fd = udev_monitor_get_fd(monitor), .events = POLLIN}, {.fd = 0, .events = POLLIN}};
    while (poll(wait, 2, -1) > 0) {
        // Asked, it says all that has come before it answers.
        char line[16];
        ssize_t asked = wait[1].revents ? read(0, line, sizeof line) : 0;
        if (wait[1].revents && asked <= 0)
            wait[1].fd = -1;
        while (told(udev, monitor, count, arguments))
            ;
        if (asked > 0)
            puts("asked");
    }
    return 1;
}
