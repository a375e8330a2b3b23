using System.Globalization;
using System.Text;
using Tmds.Linux;
using UeventManager.Core.Dispatch;
using UeventManager.Core.Forwarding;
using UeventManager.Sysfs;

namespace UeventManager.Commands.Forwarding;

/// <summary>
/// Properties that clients of libudev need and that udevd's builtins read from sysfs (usb_id, path_id): libvirt discards a usb_device without
/// ID_VENDOR_ID, and a disk without ID_TYPE.
/// </summary>
/// <param name="sysfs">The root of sysfs.</param>
internal sealed class DerivedProperties(string sysfs)
{
    private const int MaxValueBytes = 512;

    /// <summary>Reads a device's properties. Those that cannot be read are left out.</summary>
    /// <param name="said">The device.</param>
    /// <param name="to">Receives them as <c>KEY=VALUE\0…</c>.</param>
    public void Read(ForwardedEvent said, ByteBuffer to) => Read(said.DevPath, said.Subsystem, said.DevType, to);

    /// <summary>Reads the properties of a device with these names.</summary>
    public void Read(ReadOnlySpan<byte> devpath, ReadOnlySpan<byte> subsystem, ReadOnlySpan<byte> devtype, ByteBuffer to)
    {
        // Virtual devices have no bus to describe, except for input devices made through uinput.
        if (devpath.StartsWith("/devices/virtual/"u8) && !subsystem.SequenceEqual("input"u8))
            return;
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        // A character for each byte, both ways: a name need not be valid UTF-8.
        Find(found, Encoding.Latin1.GetString(devpath), Encoding.Latin1.GetString(subsystem), Encoding.Latin1.GetString(devtype));
        foreach ((string key, string value) in found)
            DeviceText.Pair(to, Encoding.Latin1.GetBytes(key), Encoding.Latin1.GetBytes(value));
    }

    private void Find(Dictionary<string, string> result, string devpath, string subsystem, string devtype)
    {
        string[] parts = devpath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (subsystem)
        {
            case "usb" when devtype == "usb_device":
                AddUsb(result, devpath);
                break;
            case "block":
                AddDisk(result, devpath, devtype, parts);
                break;
            case "input":
                AddBus(result, parts);
                InputProperties.Add(result, attribute => Read(devpath, attribute) ?? Read(devpath, "device/" + attribute));
                break;
            case "sound":
                AddBus(result, parts);
                // udev's rules set this at the change after a card's last device; ours is complete when it is forwarded.
                if (parts[^1].StartsWith("card", StringComparison.Ordinal))
                    result["SOUND_INITIALIZED"] = "1";
                break;
            case "net" or "nvme" or "drm" or "tty":
                AddBus(result, parts);
                break;
            default:
                if (subsystem is not ("pci" or "usb"))
                    return;
                break;
        }
        if (PathId.Of(parts, subsystem) is { } path)
        {
            result["ID_PATH"] = path;
            result["ID_PATH_TAG"] = PathId.Tag(path);
        }
    }

    private void AddUsb(Dictionary<string, string> to, string devpath)
    {
        if (Read(devpath, "idVendor") is not { } vendor || Read(devpath, "idProduct") is not { } product)
            return;
        to["ID_BUS"] = "usb";
        to["ID_VENDOR_ID"] = vendor;
        to["ID_MODEL_ID"] = product;
        string vendorName = Name(Read(devpath, "manufacturer") ?? vendor), model = Name(Read(devpath, "product") ?? product);
        to["ID_VENDOR"] = vendorName;
        to["ID_MODEL"] = model;
        if (Read(devpath, "bcdDevice") is { } revision)
            to["ID_REVISION"] = revision;
        string? serial = Read(devpath, "serial") is { } text ? Name(text) : null;
        if (serial is not null)
            to["ID_SERIAL_SHORT"] = serial;
        to["ID_SERIAL"] = serial is null ? $"{vendorName}_{model}" : $"{vendorName}_{model}_{serial}";
    }

    private void AddDisk(Dictionary<string, string> to, string devpath, string devtype, string[] parts)
    {
        string disk = devtype == "partition" ? devpath[..devpath.LastIndexOf('/')] : devpath;
        AddBus(to, parts);
        // Only SCSI disks have a type. libvirt recognises vd*, dasd* and nvme* as disks without one.
        if (Read(disk, "device/type") is { } type && KindOf(type) is { } kind)
            to["ID_TYPE"] = kind;
        if (Read(disk, "device/vendor") is { } vendor && !vendor.StartsWith("0x", StringComparison.Ordinal))
            to.TryAdd("ID_VENDOR", Name(vendor));
        if (Read(disk, "device/model") is { } model)
            to.TryAdd("ID_MODEL", Name(model));
        // For NVMe (device/), virtio and MMC disks.
        if ((Read(disk, "device/serial") ?? Read(disk, "serial")) is { } serial)
        {
            to["ID_SERIAL_SHORT"] = Name(serial);
            to["ID_SERIAL"] = parts.Length > 0 && Path.GetFileName(disk).StartsWith("nvme", StringComparison.Ordinal) && to.TryGetValue("ID_MODEL", out string? name) ? $"{name}_{Name(serial)}" : Name(serial);
        }
        if ((Read(disk, "wwid") ?? Read(disk, "device/wwid")) is { } wwid)
            AddWwn(to, wwid);
    }

    // In sysfs's form: naa.5000c500a1b2c3d4, eui.0025388b91b0c1d2, or a text that is not a number.
    private static void AddWwn(Dictionary<string, string> to, string wwid)
    {
        if (wwid.StartsWith("naa.", StringComparison.Ordinal))
            to["ID_WWN"] = "0x" + wwid["naa.".Length..];
        else if (wwid.StartsWith("eui.", StringComparison.Ordinal) || wwid.StartsWith("nvme.", StringComparison.Ordinal) || wwid.StartsWith("uuid.", StringComparison.Ordinal))
            to["ID_WWN"] = wwid;
    }

    // The nearest USB device among the ancestors, else the nearest PCI function.
    private void AddBus(Dictionary<string, string> to, string[] parts)
    {
        for (int length = parts.Length - 1; length > 1; length--)
        {
            string path = "/" + string.Join('/', parts[..length]);
            if (Read(path, "idVendor") is not null)
            {
                AddUsb(to, path);
                return;
            }
            if (PathId.IsPciFunction(parts[length - 1]) && Read(path, "vendor") is { } vendor && Read(path, "device") is { } model)
            {
                to["ID_BUS"] = "pci";
                to["ID_VENDOR_ID"] = vendor;
                to["ID_MODEL_ID"] = model;
                return;
            }
        }
    }

    private static string? KindOf(string scsiType) => scsiType switch
    {
        "0" or "14" => "disk",
        "1" => "tape",
        "4" or "7" or "15" => "optical",
        "5" => "cd",
        _ => int.TryParse(scsiType, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? "generic" : null,
    };

    // encode_devnode_name() of udev: trims white space, and replaces inner white space and characters unsafe in a name by '_'.
    private static string Name(string value)
    {
        var text = new StringBuilder();
        foreach (string word in value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            if (text.Length > 0)
                text.Append('_');
            foreach (char c in word)
                text.Append(char.IsAsciiLetterOrDigit(c) || "#+-.:=@_".Contains(c, StringComparison.Ordinal) || c > 127 ? c : '_');
        }
        return text.ToString();
    }

    private string? Read(string devpath, string attribute)
    {
        Span<byte> value = stackalloc byte[MaxValueBytes];
        byte[] path = [.. Encoding.UTF8.GetBytes(sysfs), .. Encoding.Latin1.GetBytes($"{devpath}/{attribute}"), 0];
        int file = FileCalls.Open(LibC.AT_FDCWD, path, LibC.O_RDONLY | LibC.O_NONBLOCK);
        if (file < 0)
            return null;
        int length = FileCalls.ReadAll(file, value);
        FileCalls.Close(file);
        string text = Encoding.Latin1.GetString(value[..Math.Max(0, length)]).TrimEnd('\0', '\n', ' ');
        return text.Length > 0 && length < value.Length ? text : null;
    }
}
