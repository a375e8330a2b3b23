namespace UeventManager.Client;

/// <summary>The actions of uevents (<c>kobject_actions</c> of lib/kobject_uevent.c).</summary>
public static class KnownActions
{
    /// <summary>A device was added and is complete.</summary>
    public const string Add = "add";

    /// <summary>A device was removed.</summary>
    public const string Remove = "remove";

    /// <summary>A device changed.</summary>
    public const string Change = "change";

    /// <summary>A device's devpath changed, and with it the devpaths of its descendants.</summary>
    public const string Move = "move";

    /// <summary>A device, such as a processor or memory, is in use again.</summary>
    public const string Online = "online";

    /// <summary>A device is no longer in use.</summary>
    public const string Offline = "offline";

    /// <summary>A driver was bound to a device.</summary>
    public const string Bind = "bind";

    /// <summary>A driver was unbound from a device.</summary>
    public const string Unbind = "unbind";
}
