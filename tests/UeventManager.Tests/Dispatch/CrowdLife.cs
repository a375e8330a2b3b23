using System.Text;

namespace UeventManager.Tests.Dispatch;

/// <summary>Devices and devices below them that come, change, are renamed and go at random.</summary>
internal sealed class CrowdLife(StreamWorld world, Random random, bool moves = true)
{
    private const string Top = "/devices/virtual/net";
    private int _names;

    /// <summary>So many devices come.</summary>
    public void Begin(int count)
    {
        while (world.Devices.Count < count)
            Add();
    }

    /// <summary>Something happens.</summary>
    public void Step()
    {
        var all = world.Devices.All().ToList();
        var path = all.Count == 0 ? "" : all[random.Next(all.Count)].DevPath;
        switch (random.Next(8))
        {
            case 0 or 1:
                Add();
                break;
            case 2 when path.Length > 0 && IsLeaf(path):
                Send("remove", path);
                break;
            case 3 when path.Length > 0 && moves:
                Send("move", $"{path[..path.LastIndexOf('/')]}/d{++_names}", $"DEVPATH_OLD={path}");
                break;
            default:
                if (path.Length > 0)
                    Send("change", path);
                break;
        }
    }

    private bool IsLeaf(string path) => world.Devices.Find(Encoding.UTF8.GetBytes(path)) is { } device && !Core.Ordering.DeviceTree.Descendants(device).Any();

    private void Add()
    {
        var all = world.Devices.All().Where(device => device.DevPath.Count(c => c == '/') < 6).ToList();
        // Some come between a device and the one above it.
        var above = all.Count == 0 || random.Next(2) == 0 ? Top : all[random.Next(all.Count)].DevPath;
        Send("add", random.Next(8) == 0 ? $"{above}/e{++_names}/d{++_names}" : $"{above}/d{++_names}");
        if (random.Next(4) == 0 && world.Devices.All().LastOrDefault(device => device.DevPath.Contains("/e", StringComparison.Ordinal)) is { } far)
        {
            var between = far.DevPath[..far.DevPath.LastIndexOf('/')];
            if (world.Devices.Find(Encoding.UTF8.GetBytes(between)) is null && between.Contains("/e", StringComparison.Ordinal))
                Send("add", between);
        }
    }

    private void Send(string action, string path, params string[] more) => world.Uevent(action, path, [.. more, $"LEVEL={random.Next(4)}"]);
}
