using System.Globalization;

namespace UeventManager.Netlink;

/// <summary>The system's groups.</summary>
internal static class GroupNames
{
    /// <summary>The number of a group by its name, or by the number itself; null if there is no such group.</summary>
    public static unsafe uint? Find(string name)
    {
        // getgrnam's result lives until the next call, and no other code here calls it.
        var found = LinuxApi.getgrnam(name);
        if (found is not null)
            return found->gr_gid;
        return uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number != uint.MaxValue ? number : null;
    }
}
