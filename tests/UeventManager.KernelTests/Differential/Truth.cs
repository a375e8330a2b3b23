using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>Compares what the daemon says with the tree, and what subscribers know with what it says.</summary>
internal sealed class Truth(World world, bool countsSeqnum)
{
    public void Settle(DaemonProcess daemon)
    {
        // Settle counts what was sent up to this number.
        if (countsSeqnum)
            world.WriteSeqnum();
        using var probe = daemon.Connect();
        probe.Call(VarlinkProbe.Devices + "Settle", new { timeoutUsec = 30_000_000 }, Deadline.Seconds(60));
    }

    /// <summary>Holds that exactly what must be announced is. Returns the uevents that would have others announced.</summary>
    public IReadOnlyList<(string Action, ModelDevice Device)> Check(IReadOnlyList<DeviceView> list, DaemonProcess? explains = null)
    {
        var nudges = new List<(string, ModelDevice)>();
        var listed = list.ToDictionary(device => device.DevPath, device => Known.From(device.Json), StringComparer.Ordinal);
        foreach (var known in listed.Values)
            CheckListed(known);
        foreach (var device in world.Devices.Values.Where(device => !listed.ContainsKey(device.DevPath)).OrderBy(device => device.DevPath, StringComparer.Ordinal))
        {
            if (explains is not null && Explain(explains, device) is { } nudge)
                nudges.Add((nudge, device));
            else if (explains is null && !device.WasIncomplete)
                throw new ViolationException($"truth: {device.DevPath} ({device.Id}) was always complete, Settle returned, and it is not listed");
        }
        return nudges;
    }

    /// <summary>Waits until everything has been dealt with, and holds that List is the tree and every subscriber's picture is List.</summary>
    public void HoldAtQuiescence(DaemonProcess daemon, IReadOnlyList<Replica> replicas, IReadOnlyList<PendingWait> waits)
    {
        Settle(daemon);
        // A device that was held or dropped and is complete now is announced at the next event that its policy waits for; Settle
        // does not wait for what is held.
        var nudges = Check(daemon.List(), daemon);
        // All at once: a leader waits for its members.
        foreach (var (action, device) in nudges)
            world.Say(action, device);
        foreach (var (action, device) in nudges)
        {
            Eventually.Holds(
                () => daemon.List().Any(known => known.DevPath == device.DevPath), Deadline.Default, $"{device.DevPath} ({device.Id}) is complete, and {action} announces it");
        }
        Settle(daemon);
        Check(daemon.List(), daemon);
        foreach (var replica in replicas)
            HoldSame(daemon, replica);
        var listed = daemon.List().ToDictionary(device => device.DevPath, device => device.Settled, StringComparer.Ordinal);
        foreach (var wait in waits.Where(wait => wait.Until == "settled" ? listed.GetValueOrDefault(wait.DevPath) : !listed.ContainsKey(wait.DevPath)))
        {
            if (!wait.IsAnswered(Deadline.Default))
                throw new ViolationException($"wait: {wait.DevPath} is {wait.Until}, and the call of Wait is not answered");
        }
    }

    /// <summary>Waits for a short time, and holds that an answer was true.</summary>
    public void CheckWait(DaemonProcess daemon, string path, string until, long timeoutUsec)
    {
        using var probe = daemon.Connect();
        probe.Send(VarlinkProbe.Devices + "Wait", new { device = path, until, timeoutUsec }, more: false);
        var answer = probe.ReadReply("Wait", Deadline.Default);
        if (answer.Error is not null || !world.IsHealed)
            return;
        var device = world.Devices.GetValueOrDefault(path);
        probe.Send(VarlinkProbe.Devices + "Get", new { device = path }, more: false);
        var now = probe.ReadReply("Get", Deadline.Default);
        if (until == "removed" && device is null && now.Error is null)
            throw new ViolationException($"wait: {path} was said to be removed, and Get has it: {now.Parameters}");
        if (until == "settled" && device is not null && now.Error is not null
            && Known.From(answer.Parameters.GetProperty("devices")[0]).Instance == device.Id)
        {
            throw new ViolationException($"wait: {path} ({device.Id}) was said to be settled, and Get says {now.Error}");
        }
    }

    private void CheckListed(Known known)
    {
        if (!world.Devices.TryGetValue(known.DevPath, out var device))
            throw new ViolationException($"truth: a ghost is listed: {known}");
        if (known.Instance != device.Id)
            throw new ViolationException($"truth: {known.DevPath} is instance {device.Id}, and listed is {known}");
        if (known.Json["subsystem"]!.GetValue<string>() != device.Subsystem)
            throw new ViolationException($"truth: {known.DevPath} is of {device.Subsystem}, and listed is {known}");
        if (!device.MayBeAnnounced)
            throw new ViolationException($"G1: {known.DevPath} ({device.Id}) never met a rule, and listed is {known}");
    }

    // Why is it not listed, and may that be?
    private string? Explain(DaemonProcess daemon, ModelDevice device)
    {
        using var probe = daemon.Connect();
        probe.Send(VarlinkProbe.Devices + "Explain", new { device = device.DevPath }, more: false);
        var answer = probe.ReadReply("Explain", Deadline.Default);
        var state = answer.Error is null ? answer.Parameters.GetProperty("state").GetString()! : answer.Error;
        // Settle does not wait for what was held and is looked at again: it may have been announced since List.
        var policy = state switch { "held" or "announced" => "hold", "dropped" => "drop", _ => "" };
        var mayBe = device.WasIncomplete && device.Rules.Any(rule => rule?.OnTimeout == policy);
        if (!mayBe)
            throw new ViolationException($"truth: {device.DevPath} ({device.Id}, {device.Subsystem}) is not listed after Settle; Explain says {state} {answer.Parameters}");
        var rule = world.Rules.For(device.Subsystem, device.SysName);
        if (rule is not null && !rule.IsComplete(world.Root + device.DevPath))
            return null;
        return policy == "hold" ? "change" : "add";
    }

    private static void HoldSame(DaemonProcess daemon, Replica replica)
    {
        if (replica.Stateless)
        {
            replica.Read(Deadline.Seconds(0));
            return;
        }
        var deadline = Deadline.Default;
        while (true)
        {
            replica.Read(Deadline.Seconds(0.02));
            var difference = replica.Ready ? Difference(daemon, replica) : "its state is not complete";
            if (difference is null)
                return;
            if (deadline.Passed)
                throw new ViolationException($"G6: {replica} differs from List: {difference}");
            // The rest may be under way; if not, this says so at the deadline.
        }
    }

    // Its state was read while a change waited, and that change was dropped or is held since. No event says so; only List with `unsettled` does.
    private static bool IsUnfinished(DaemonProcess daemon, Replica replica, Known known) =>
        daemon.List(new { filter = replica.Filter?.ToParameter(), unsettled = true }).Select(device => Known.From(device.Json))
            .Any(now => now.DevPath == known.DevPath && now.Instance == known.Instance && !now.Settled && !known.Settled);

    private static string? Difference(DaemonProcess daemon, Replica replica)
    {
        var everything = daemon.List().Select(device => Known.From(device.Json)).ToList();
        var selected = daemon.List(new { filter = replica.Filter?.ToParameter() }).Select(device => Known.From(device.Json)).ToDictionary(known => known.DevPath, StringComparer.Ordinal);
        foreach (var known in everything.Where(known => (replica.Filter?.Wants(known.Json) ?? true) != selected.ContainsKey(known.DevPath)))
            return $"List with the filter is wrong about {known}";
        var picture = replica.Picture.Where(pair => !replica.IsPending(pair.Key) || selected.ContainsKey(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        foreach (var (path, known) in picture)
        {
            if (!selected.TryGetValue(path, out var other))
                return $"it knows {known}";
            if (!known.IsSameAs(other) && !(replica.IsPending(path) && IsUnfinished(daemon, replica, known)))
                return $"it knows {known}\nand List has {other}";
        }
        return selected.Values.FirstOrDefault(known => !picture.ContainsKey(known.DevPath)) is { } unknown ? $"it does not know {unknown}" : null;
    }
}
