namespace UeventManager.KernelTests.Units;

/// <summary>The assignments of a unit file, in order.</summary>
public sealed class UnitFile(string path)
{
    private readonly (string Key, string Value)[] _assignments =
    [
        .. File.ReadLines(path)
            .Where(line => line.Contains('=') && line[0] is not ('#' or ';'))
            .Select(line => (line[..line.IndexOf('=')], line[(line.IndexOf('=') + 1)..].Trim())),
    ];

    /// <summary>All values of a key.</summary>
    public IReadOnlyList<string> All(string key) => [.. _assignments.Where(one => one.Key == key).Select(one => one.Value)];

    /// <summary>The only value of a key.</summary>
    public string One(string key) => Assert.Single(All(key));
}
