"""A program on GUdev: gudev.py SUBSYSTEM. Says `listening`, then a line for each device: action, name, whether it is initialised."""
import sys, gi
gi.require_version("GUdev", "1.0")
from gi.repository import GLib, GUdev

def heard(client, action, device):
    print(action, device.get_name(), "initialised" if device.get_is_initialized() else "not-initialised", flush=True)

client = GUdev.Client(subsystems=[sys.argv[1]])
client.connect("uevent", heard)
print("listening", flush=True)
GLib.MainLoop().run()
