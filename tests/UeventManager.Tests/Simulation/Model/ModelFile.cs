namespace UeventManager.Tests.Simulation.Model;

/// <summary>What a name below a device is: an attribute, a directory or a symlink.</summary>
internal sealed class ModelFile
{
    /// <summary>Content; null for what has none (a directory).</summary>
    public string? Value { get; set; }

    /// <summary>Where a symlink leads, else null.</summary>
    public string? Target
    {
        get => Leads?.Path ?? field;
        set;
    }

    /// <summary>The directory that a symlink leads to, wherever that is renamed to.</summary>
    public ModelDevice? Leads { get; set; }

    /// <summary>True for a symlink whose target does not exist.</summary>
    public bool Dangling
    {
        get => field || Leads is { Exists: false };
        set;
    }

    /// <summary>What reading it fails with, else 0.</summary>
    public int Errno { get; set; }

    /// <summary>When it was written, for what is told by that; never stale if nobody says.</summary>
    public long WrittenUsec { get; init; } = long.MaxValue;

    /// <summary>Its inode, for what is told by that.</summary>
    public ulong Inode { get; init; } = 1;

    /// <summary>True while a driver holds the lock that show() takes: reading it does not return.</summary>
    public bool Blocks { get; set; }
}
