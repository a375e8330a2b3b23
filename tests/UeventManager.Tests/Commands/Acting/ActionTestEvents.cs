using UeventManager.Client;

namespace UeventManager.Tests.Commands.Acting;

/// <summary>Events as the daemon tells them.</summary>
internal static class ActionTestEvents
{
    public static UeventDevice Device(string path, params (string Key, string Value)[] properties) => new()
    {
        DevPath = path,
        Subsystem = "test",
        SysName = path[(path.LastIndexOf('/') + 1)..],
        Settled = true,
        Properties = properties.Append(("DEVPATH", path)).ToDictionary(static pair => pair.Item1, static pair => pair.Item2),
    };

    public static UeventEvent Event(string action, string path, string? old = null, string cursor = "", params (string Key, string Value)[] properties) => new()
    {
        Cursor = cursor,
        Action = action,
        Device = Device(path, properties),
        OldDevPath = old,
        Synthetic = false,
        ArrivedUsec = 1,
        SettledUsec = 2,
    };
}
