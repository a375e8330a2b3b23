namespace UeventManager.Core.Uevents;

/// <summary>The keys that this program interprets.</summary>
public enum PropertyKey : byte
{
    /// <summary>Any other key: the device's own.</summary>
    Other,

    /// <summary>ACTION.</summary>
    Action,

    /// <summary>DEVPATH.</summary>
    DevPath,

    /// <summary>DEVPATH_OLD, of a move.</summary>
    DevPathOld,

    /// <summary>SEQNUM.</summary>
    Seqnum,

    /// <summary>SUBSYSTEM.</summary>
    Subsystem,

    /// <summary>SYNTH_UUID and SYNTH_ARG_…, of a triggered event (kobject_synth_uevent()).</summary>
    Synthetic,

    /// <summary>DEVTYPE.</summary>
    DevType,

    /// <summary>DEVNAME.</summary>
    DevName,

    /// <summary>DRIVER.</summary>
    Driver,
}

/// <summary>Recognises keys.</summary>
public static class PropertyKeys
{
    /// <summary>Recognises a key.</summary>
    public static PropertyKey Of(ReadOnlySpan<byte> key)
    {
        if (key.Length < 6)
            return PropertyKey.Other;
        switch (key[0])
        {
            case (byte)'A':
                return key.SequenceEqual("ACTION"u8) ? PropertyKey.Action : PropertyKey.Other;
            case (byte)'D':
                if (key.Length == 7 && key[3] == 'P')
                    return key.SequenceEqual("DEVPATH"u8) ? PropertyKey.DevPath : PropertyKey.Other;
                return key.SequenceEqual("DEVTYPE"u8) ? PropertyKey.DevType
                    : key.SequenceEqual("DEVNAME"u8) ? PropertyKey.DevName
                    : key.SequenceEqual("DRIVER"u8) ? PropertyKey.Driver
                    : key.SequenceEqual("DEVPATH_OLD"u8) ? PropertyKey.DevPathOld : PropertyKey.Other;
            case (byte)'S':
                return key.SequenceEqual("SEQNUM"u8) ? PropertyKey.Seqnum
                    : key.SequenceEqual("SUBSYSTEM"u8) ? PropertyKey.Subsystem
                    : key.StartsWith("SYNTH_"u8) ? PropertyKey.Synthetic : PropertyKey.Other;
            default:
                return PropertyKey.Other;
        }
    }

    /// <summary>True for keys that belong to the event, not to the device.</summary>
    public static bool IsOfEvent(this PropertyKey key) => key is >= PropertyKey.Action and <= PropertyKey.Synthetic;
}
