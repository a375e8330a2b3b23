namespace UeventManager.Core.Dispatch;

/// <summary>How often udev announced a new device to its listeners before it was complete, and how long before. By subsystem.</summary>
public sealed class UdevLeads
{
    private readonly LagHistogram _early = new();
    private readonly LagHistogram _told = new();

    /// <summary>The rows, by subsystem.</summary>
    public IEnumerable<UdevLead> Rows
    {
        get
        {
            var early = _early.Rows.ToDictionary(row => row.Key, row => row.Value);
            return _told.Rows.Select(row => new UdevLead(row.Key, row.Value.Events, early.GetValueOrDefault(row.Key)));
        }
    }

    /// <summary>The times of those that came too early.</summary>
    public LagHistogram Early => _early;

    /// <summary>Counts a device.</summary>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="leadUsec">For how long it was not complete when udev told of it; negative if it was.</param>
    public void Count(string subsystem, long leadUsec)
    {
        _told.Count(subsystem, Math.Max(0, leadUsec));
        if (leadUsec >= 0)
            _early.Count(_told.NameOf(subsystem), leadUsec);
    }
}

/// <summary>One subsystem's.</summary>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Told">New devices that udev told of.</param>
/// <param name="Row">Those of them that were not complete then, and for how long; null if there were none.</param>
public sealed record UdevLead(string Subsystem, long Told, LagHistogram.Row? Row)
{
    /// <summary>How many were not complete.</summary>
    public long Early => Row?.Events ?? 0;
}
