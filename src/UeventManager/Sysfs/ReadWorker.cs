namespace UeventManager.Sysfs;

/// <summary>What the pool knows about one of its threads; guarded by the pool.</summary>
internal sealed class ReadWorker(ValueReader reader)
{
    private volatile bool _abandoned;

    internal ValueReader Reader => reader;

    /// <summary>The job it last took.</summary>
    internal ReadJob? Job { get; set; }

    /// <summary>True while it is in a job that was given up; its thread looks at this between two questions.</summary>
    internal bool Abandoned
    {
        get => _abandoned;
        set => _abandoned = value;
    }

    internal StuckRead Stuck => new(Job!.Identity.DevPath, reader.CurrentPath, reader.CurrentSinceUsec);
}
