using UeventManager.Core.Rules;

namespace UeventManager.Sysfs;

/// <summary>The pool's data about one of its threads; the pool's lock guards it.</summary>
internal sealed class ReadWorker(ValueReader reader)
{
    private volatile bool _abandoned;
    private volatile SysfsQuery? _asking;

    internal ValueReader Reader => reader;

    /// <summary>The last job that it took.</summary>
    internal ReadJob? Job { get; set; }

    /// <summary>True while it works on an abandoned job; its thread checks this between two questions.</summary>
    internal bool Abandoned
    {
        get => _abandoned;
        set => _abandoned = value;
    }

    /// <summary>The question that its thread is answering, or answered last.</summary>
    internal SysfsQuery? Asking
    {
        get => _asking;
        set => _asking = value;
    }

    /// <summary>True if the job asks the same device the question that this thread is answering.</summary>
    internal bool HangsFor(ReadJob job)
    {
        if (Job is not { } mine || _asking is not { } asking || mine.Device.Instance != job.Device.Instance)
            return false;
        foreach (var query in job.Queries)
        {
            if (query.Kind == asking.Kind && query.Path == asking.Path)
                return true;
        }
        return false;
    }

    internal StuckRead Stuck => new(Job!.Identity.DevPath, reader.CurrentPath, reader.CurrentSinceUsec);
}
