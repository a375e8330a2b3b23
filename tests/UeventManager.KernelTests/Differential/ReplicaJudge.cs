using System.Globalization;
using System.Text.Json;

namespace UeventManager.KernelTests.Differential;

/// <summary>What a subscriber may be told next, given what it knows: G1 to G4, G7, G8 and G11.</summary>
internal sealed class ReplicaJudge(Replica replica, World world)
{
    private (string Epoch, long Number) _last;
    private bool _gapSeen;

    /// <summary>A subscription begins, from a cursor or without one.</summary>
    public void Begin(string? cursor)
    {
        _last = cursor is null ? default : Parse(cursor);
        _gapSeen = false;
    }

    public void StateAt(string cursor)
    {
        var place = Parse(cursor);
        if (place.Epoch == _last.Epoch && place.Number < _last.Number)
            throw Broken("G7", $"the cursor went back from {_last.Number} to {cursor}");
        _last = place;
    }

    public void Gap(string reason)
    {
        if (!replica.AllowedGaps.Contains(reason))
            throw Broken("G6", $"a gap '{reason}' without a cause (allowed: {string.Join(", ", replica.AllowedGaps)})");
        if (!_gapSeen && reason == "restarted")
            _last = default;
        _gapSeen = true;
    }

    /// <summary>Events of one reply: whoever belongs together is in it.</summary>
    public void Events(List<JsonElement> events)
    {
        if (!replica.Ready)
            throw Broken("G7", "events before the state is complete");
        var all = events.ConvertAll(json => new ReplicaEvent(json));
        foreach (var group in all.Where(one => one.Group is not null).GroupBy(one => one.Group!.Value))
        {
            if (group.Select(one => one.Cursor).Distinct().Count() > 1)
                throw Broken("G8", $"group {group.Key.Id} has several cursors");
            if (replica.Filter is null ? group.Count() != group.Key.Size : group.Count() > group.Key.Size)
                throw Broken("G8", $"{group.Count()} events of group {group.Key.Id} of {group.Key.Size} in one reply");
        }
        string? before = null;
        foreach (var one in all)
        {
            var place = Parse(one.Cursor);
            var together = one.Cursor == before;
            if (place.Epoch == _last.Epoch && (together ? place.Number < _last.Number : place.Number <= _last.Number) && !(together && one.Group is not null))
                throw Broken("G7", $"{one} comes at or before {_last.Number}");
            _last = place;
            before = one.Cursor;
        }
    }

    public void Event(ReplicaEvent one)
    {
        var known = replica.Picture.GetValueOrDefault(one.DevPath);
        switch (one.Action)
        {
            case "add":
                if (known is not null)
                    throw Broken("G2", $"an add of what is known: {one}");
                Added(one);
                break;
            case "remove":
                if (known is null)
                    throw Broken("G3", $"a remove of what is not known: {one}");
                // Who leaves a filter leaves others behind that are still in it.
                if (replica.Filter is not { CanChange: true } && Below(one.DevPath) is { } child)
                    throw Broken("G4", $"a remove while {child} is known below it: {one}");
                break;
            case "move":
                Moved(one, known);
                break;
            default:
                if (known is null)
                    throw Broken("G3", $"a {one.Action} of what is not known: {one}");
                break;
        }
        Fresh(one);
    }

    private void Moved(ReplicaEvent one, Known? known)
    {
        if (one.Old is not { } old)
            throw Broken("G4", $"a move without oldDevpath: {one}");
        if (!replica.Picture.ContainsKey(old))
            throw Broken("G3", $"a move of what is not known: {one}");
        if (known is not null && old != one.DevPath)
            throw Broken("G4", $"a move to a path at which {known} is known: {one}");
    }

    private void Added(ReplicaEvent one)
    {
        if (Instance(one) is not { } device || one.Device.Rule is not { } name)
            return;
        var rule = device.Rules.FirstOrDefault(rule => rule?.Name == name)
            ?? throw Broken("G1", $"the rule {name} was never in force: {one}");
        // What enters a filter carries what an earlier event found.
        if (replica.Filter is not null && one.Synthetic)
            return;
        if (one.Device.Settled && !device.WasCompleteUnder(name))
            throw Broken("G1", $"its rule was never met: {one}");
        if (!one.Device.Settled && rule.OnTimeout != "deliver")
            throw Broken("G1", $"unsettled by a rule that says {rule.OnTimeout}: {one}");
    }

    // The newest uevent that the event may speak of was sent when the attribute had this generation already.
    private void Fresh(ReplicaEvent one)
    {
        // An add takes in what comes while the socket is drained; a storm in it is not looked at to its end.
        if (one.Action == "add")
            return;
        if (one.Action == "remove" || (one.Synthetic && replica.Filter is not null) || Instance(one) is not { } device)
            return;
        if (one.Device.Attribute("gen") is not { } text || one.Device.Sent is not { } sent || world.SentAs(sent).Instance != device.Id)
            return;
        var (read, atLeast) = (int.Parse(text, CultureInfo.InvariantCulture), world.SentAs(sent).Generation);
        if (read < atLeast)
            throw Broken("G11", $"gen is {read} and was {atLeast} already when uevent {sent} was sent: {one}");
    }

    // What a lie says of instances means nothing.
    private ModelDevice? Instance(ReplicaEvent one) =>
        one.Device.Instance is { } id && !(one.Device.Sent is { } sent && world.SentAs(sent).IsLie) ? world.ById(id) : null;

    private string? Below(string path) => replica.Picture.Keys.FirstOrDefault(known => World.IsBelow(known, path) && !replica.IsPending(known));

    private static (string Epoch, long Number) Parse(string cursor)
    {
        var dash = cursor.LastIndexOf('-');
        return (cursor[..dash], long.Parse(cursor.AsSpan(dash + 1), CultureInfo.InvariantCulture));
    }

    private ViolationException Broken(string promise, string what) => new($"{promise}: {replica}: {what}");
}
