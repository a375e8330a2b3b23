namespace UeventManager.Client;

/// <summary>The actions of uevents (<c>kobject_actions</c> of lib/kobject_uevent.c).</summary>
public static class KnownActions
{
    /// <summary>A device is there and complete.</summary>
    public const string Add = "add";

    /// <summary>A device is gone.</summary>
    public const string Remove = "remove";

    /// <summary>Something about a device has changed.</summary>
    public const string Change = "change";

    /// <summary>A device has another devpath, and those below it with it.</summary>
    public const string Move = "move";

    /// <summary>A device, as a processor or memory, is in use again.</summary>
    public const string Online = "online";

    /// <summary>A device is no longer in use.</summary>
    public const string Offline = "offline";

    /// <summary>A driver was bound to a device.</summary>
    public const string Bind = "bind";

    /// <summary>A driver was unbound from a device.</summary>
    public const string Unbind = "unbind";
}
