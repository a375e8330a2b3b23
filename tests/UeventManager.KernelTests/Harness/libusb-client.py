"""A program on libusb: what its hot-plug callback says, one line each. libusb-client.py"""
import ctypes

usb = ctypes.CDLL("libusb-1.0.so.0")
ARRIVED, LEFT, ENUMERATE, ANY = 1, 2, 1, -1


class Timeval(ctypes.Structure):
    _fields_ = [("seconds", ctypes.c_long), ("microseconds", ctypes.c_long)]


class Descriptor(ctypes.Structure):
    _fields_ = [
        ("bLength", ctypes.c_uint8), ("bDescriptorType", ctypes.c_uint8), ("bcdUSB", ctypes.c_uint16), ("bDeviceClass", ctypes.c_uint8),
        ("bDeviceSubClass", ctypes.c_uint8), ("bDeviceProtocol", ctypes.c_uint8), ("bMaxPacketSize0", ctypes.c_uint8), ("idVendor", ctypes.c_uint16),
        ("idProduct", ctypes.c_uint16), ("bcdDevice", ctypes.c_uint16), ("iManufacturer", ctypes.c_uint8), ("iProduct", ctypes.c_uint8),
        ("iSerialNumber", ctypes.c_uint8), ("bNumConfigurations", ctypes.c_uint8),
    ]


@ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
def told(context, device, event, data):
    descriptor = Descriptor()
    usb.libusb_get_device_descriptor(ctypes.c_void_p(device), ctypes.byref(descriptor))
    where = usb.libusb_get_bus_number(ctypes.c_void_p(device)), usb.libusb_get_device_address(ctypes.c_void_p(device))
    print("arrived" if event == ARRIVED else "left", "%d:%d" % where, "%04x:%04x" % (descriptor.idVendor, descriptor.idProduct), flush=True)
    return 0


context = ctypes.c_void_p()
code = usb.libusb_init(ctypes.byref(context))
if code != 0:
    raise SystemExit(f"libusb_init: {code}")
handle = ctypes.c_int()
code = usb.libusb_hotplug_register_callback(context, ARRIVED | LEFT, ENUMERATE, ANY, ANY, ANY, told, None, ctypes.byref(handle))
if code != 0:
    raise SystemExit(f"libusb_hotplug_register_callback: {code}")
print("listening", flush=True)
while True:
    usb.libusb_handle_events_timeout(context, ctypes.byref(Timeval(60, 0)))
