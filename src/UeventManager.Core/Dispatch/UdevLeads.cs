namespace UeventManager.Core.Dispatch;

/// <summary>How often, and by how much, udev announced a new device to its listeners before it was complete, by subsystem.</summary>
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

    /// <summary>The times by which devices were announced too early.</summary>
    public LagHistogram Early => _early;

    /// <summary>Counts a device.</summary>
    /// <param name="subsystem">Its subsystem.</param>
    /// <param name="leadUsec">How long the device was incomplete after udev's broadcast, in microseconds; negative if it was complete.</param>
    public void Count(string subsystem, long leadUsec)
    {
        _told.Count(subsystem, Math.Max(0, leadUsec));
        if (leadUsec >= 0)
            _early.Count(_told.NameOf(subsystem), leadUsec);
    }
}

/// <summary>The counts of one subsystem.</summary>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Told">The number of new devices that udev broadcast.</param>
/// <param name="Row">The devices that were incomplete then, with their times; null if there were none.</param>
public sealed record UdevLead(string Subsystem, long Told, LagHistogram.Row? Row)
{
    /// <summary>The number of incomplete devices.</summary>
    public long Early => Row?.Events ?? 0;
}
