namespace UeventManager.Tests.Simulation.Model;

/// <summary>One thing that a rule of the simulation waits for: here a name, or an attribute's value.</summary>
/// <param name="Path">Below the device.</param>
/// <param name="Value">What it must say; null if it must only exist.</param>
/// <param name="OptionalUsec">How long it is required; null for as long as it takes.</param>
internal record SimCondition(string Path, string? Value = null, long? OptionalUsec = null)
{
    /// <summary>As <c>missing</c> says it.</summary>
    public virtual string Text => Value is null ? $"exists: {Path}" : $"attribute: {Path} equals \"{Value}\"";

    /// <summary>As a rule file says it.</summary>
    public virtual string Yaml
    {
        get
        {
            var optional = OptionalUsec is { } usec ? $", optional: {usec}us" : "";
            return Value is null ? $"{{exists: {Path}{optional}}}" : $"{{attribute: {Path}, equals: \"{Value}\"{optional}}}";
        }
    }

    /// <summary>How much longer than the tree the engine needs to know that it holds, in microseconds.</summary>
    public virtual long LagUsec => 0;

    /// <summary>Whether it holds in the tree as it is.</summary>
    public virtual bool Holds(ModelDevice device) => device.Exists && device.Find(Path) is { } file && (Value is null || file.Value == Value);

    /// <summary>Whether a look at sysfs tells it.</summary>
    public virtual bool IsOfLook => true;

    /// <summary>Whether it held at a look.</summary>
    public virtual bool Holds(LookRecord look) => Value is null ? look.Exists(Path) : look.Value(Path) == Value;
}

/// <summary>The link of a member to its leader, which is waited for like a condition.</summary>
internal sealed record SimLink(string Path) : SimCondition(Path)
{
    public override string Text => $"link: {Path}";

    public override bool Holds(ModelDevice device) => device.Exists && device.Find(Path) is { Target: not null };

    // A link that dangles names a leader that is gone: then there is no group to wait for.
    public override bool Holds(LookRecord look) => look.LeadsTo(Path) is not null;
}

/// <summary>As many names as an attribute says; without an attribute at least one.</summary>
internal sealed record SimCount(string Path, string? Attribute) : SimCondition(Path)
{
    public override string Text => Attribute is null ? $"count: {Path} atLeast 1" : $"count: {Path} equals {{attribute: {Attribute}}}";

    public override string Yaml => Attribute is null ? $"{{count: \"{Path}\", atLeast: 1}}" : $"{{count: \"{Path}\", equals: {{attribute: {Attribute}}}}}";

    private string Prefix => Path[..^1];

    public override bool Holds(ModelDevice device) =>
        device.Exists && Agrees(device.Names.Count(n => n.StartsWith(Prefix, StringComparison.Ordinal)), Attribute is null ? null : device.Find(Attribute)?.Value);

    public override bool Holds(LookRecord look) => Agrees(look.Count(Path), Attribute is null ? null : look.Value(Attribute));

    private bool Agrees(int count, string? said) => Attribute is null ? count >= 1 : said == $"{count}";
}

/// <summary>A set of names that does not change for a while.</summary>
internal sealed record SimStable(string Path, long ForUsec) : SimCondition(Path)
{
    public override string Text => $"stable: for {ForUsec / 1000}ms [{Path}]";

    public override string Yaml => $"{{stable: {{for: {ForUsec}us, paths: [\"{Path}\"]}}}}";

    public override long LagUsec => ForUsec + 15_000;

    // What changes, and when, is for whoever asks how long: it holds if nothing changes any more.
    public override bool Holds(ModelDevice device) => device.Exists;

    public override bool Holds(LookRecord look)
    {
        var seen = look.Fingerprint(Path);
        for (var before = look.Before; before is not null && seen is not null; before = before.Before)
        {
            var then = before.Fingerprint(Path);
            if (then is not null && then != seen)
                return false;
            if (then is not null && before.Ended && look.StartedUsec - before.EndedUsec >= ForUsec)
                return true;
        }
        return false;
    }
}

/// <summary>udev is done with the event: not what a look at sysfs finds, but what udevd has told.</summary>
internal sealed record SimUdev() : SimCondition("")
{
    public override string Text => "udev: true";

    public override string Yaml => "{udev: true}";

    // What is known by its file only: when it is next looked at.
    public override long LagUsec => 40_000;

    public override bool IsOfLook => false;

    public override bool Holds(ModelDevice device) => device.Exists && device.UdevDone >= device.NewestSeqnum;

    public override bool Holds(LookRecord look) => true;
}
