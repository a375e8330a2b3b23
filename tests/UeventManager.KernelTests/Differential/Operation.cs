namespace UeventManager.KernelTests.Differential;

/// <summary>What an operation does. The numbers are part of what a seed means: add new ones at the end.</summary>
internal enum OperationKind
{
    Create,
    Remove,
    Recreate,
    Attribute,
    Complete,
    Change,
    Bind,
    Move,
    Member,
    Illegal,
    Silent,
    Kobject,
    Storm,
    Freeze,
    Thaw,
    Reload,
    Stop,
    Kill,
    Start,
    Reconnect,
    Read,
    Settle,
    Wait,
    Pause,
    Quiesce,
}

/// <summary>One step of a round. What it acts on follows from its own seed alone, so that a round without some of its operations
/// does the rest as before.</summary>
internal readonly record struct Operation(int Number, OperationKind Kind, int Seed)
{
    /// <summary>The candidate that this operation takes: the same one whatever other candidates there are, as long as it is there.</summary>
    public T? Pick<T>(IEnumerable<T> candidates, Func<T, string> name, int salt = 0)
        where T : class
    {
        T? best = null;
        var least = ulong.MaxValue;
        foreach (var candidate in candidates)
        {
            var hash = Hash(name(candidate), salt);
            if (best is null || hash < least)
                (best, least) = (candidate, hash);
        }
        return best;
    }

    public string? Pick(IEnumerable<string> candidates, int salt = 0) => Pick(candidates, name => name, salt);

    /// <summary>A number below <paramref name="below"/>.</summary>
    public int Next(int below, int salt) => (int)(Hash("", salt) % (ulong)below);

    public bool Chance(int percent, int salt) => Next(100, salt) < percent;

    // FNV-1a, then the finaliser of SplitMix64: string.GetHashCode() differs between runs.
    private ulong Hash(string text, int salt)
    {
        var hash = 14695981039346656037UL ^ ((ulong)(uint)Seed << 32) ^ (uint)salt;
        foreach (var letter in text)
            hash = (hash ^ letter) * 1099511628211UL;
        hash += 0x9E3779B97F4A7C15UL;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return hash ^ (hash >> 31);
    }
}
