namespace UeventManager.Core.Recording;

/// <summary>
/// Decides whether announced devices were complete: an item of a device's arrival that came after its announcement makes it incomplete. Items that
/// only a few of many devices of a kind have do not count. A device that no rule matches is judged if there are rules for its subsystem.
/// </summary>
/// <param name="devices">The devices.</param>
/// <param name="isNamed">Whether a rule names a subsystem.</param>
internal sealed class ReplayVerdict(IReadOnlyList<ReplayedDevice> devices, Func<string, bool> isNamed)
{
    private readonly ItemShares _shares = new(devices.Select(device => device.Arrival).OfType<Arrival>());

    public void Judge()
    {
        foreach (var device in devices)
        {
            List<LateItem> items = [.. (device.Arrival?.Items ?? []).Where(item => _shares.IsUsual(device.Arrival!, item))];
            device.CompleteUsec = device.ArrivedUsec + (items.Count == 0 ? 0 : items.Max(item => item.DelayUsec));
            if (device is not { Outcome: ReplayOutcome.Complete or ReplayOutcome.Incomplete or ReplayOutcome.NoRule, Arrival: { } arrival, AnnouncedUsec: { } announced })
                continue;
            if (device.Outcome == ReplayOutcome.NoRule && !isNamed(device.Subsystem))
                continue;
            List<string> later = [.. items.Where(item => arrival.AddUsec + item.DelayUsec > announced)
                .Select(item => $"{item.Name} ({(arrival.AddUsec + item.DelayUsec - announced) / 1000.0:0.0##} ms later)")];
            if (later.Count == 0)
                continue;
            if (device.Outcome == ReplayOutcome.Complete)
                device.Outcome = ReplayOutcome.Incomplete;
            device.Missing = [.. device.Missing, .. later];
        }
    }
}
