namespace UeventManager.Client.Testing;

/// <summary>A running <c>Subscribe</c> call. A device that enters or leaves its filter appears as add or remove.</summary>
internal sealed class InMemorySubscriber(InMemoryConnection connection, SubscribeParameters wanted, Func<string, UeventDevice?> find)
{
    private readonly HashSet<string> _members = new(StringComparer.Ordinal);

    public InMemoryConnection Connection { get; } = connection;

    public bool IsStateless => wanted.Stateless == true;

    public void SendState(IEnumerable<UeventDevice> devices, string cursor)
    {
        if (IsStateless)
        {
            SendReady(cursor);
            return;
        }
        UeventDevice[] state = [.. devices.Where(d => (d.Settled || wanted.Unsettled == true) && FilterMatch.Wants(wanted.Filter, d, find))];
        _members.Clear();
        _members.UnionWith(state.Where(d => d.Settled).Select(d => d.DevPath));
        Send(new SubscribeReply(state, null, null, true, cursor));
    }

    public void SendReady(string cursor) => Send(new SubscribeReply(null, null, null, true, cursor));

    public void SendGap(UeventGap gap) => Send(new SubscribeReply(null, null, gap, null, null));

    /// <summary>Resumes for a client that knew these devices, with the events that it missed.</summary>
    public void Resume(string cursor, IEnumerable<InMemoryEvent> missed, IEnumerable<UeventDevice> known)
    {
        _members.UnionWith(known.Where(d => FilterMatch.Wants(wanted.Filter, d, find)).Select(d => d.DevPath));
        SendReady(cursor);
        SendEvents([.. missed]);
    }

    public void SendEvents(IReadOnlyList<InMemoryEvent> events)
    {
        UeventEvent[] selected = [.. events.SelectMany(one => one.Event.OldDevPath is null || one.Event.Device.IsKobject ? Select(one.Event) : SelectMove(one))];
        if (selected.Length > 0)
            Send(new SubscribeReply(null, selected, null, null, null));
    }

    private List<UeventEvent> Select(UeventEvent one)
    {
        bool wants = FilterMatch.Wants(wanted.Filter, one.Device, find);
        UeventEvent? told = one;
        if (one.Device.IsKobject || IsStateless)
        {
            told = wants ? one : null;
        }
        else
        {
            bool wasMember = _members.Remove(one.Device.DevPath);
            bool stays = wants && one.Action != "remove";
            if (stays)
                _members.Add(one.Device.DevPath);
            told = (wasMember, stays) switch
            {
                (true, true) => one,
                (true, false) => one with { Action = "remove" },
                (false, true) => one with { Action = "add" },
                _ => null,
            };
        }
        return told is not null && Hears(told.Action, told.Device) ? [told] : [];
    }

    // A subscriber that gets a move renames everything below. So for each device that it knows, it gets the device's own move or an ancestor's;
    // parents are added first and removed last.
    private List<UeventEvent> SelectMove(InMemoryEvent one)
    {
        var told = new List<UeventEvent>();
        var gone = new List<UeventEvent>();
        var tops = new List<string>();
        foreach (InMemoryEvent moved in one.Below.Prepend(one))
        {
            string old = moved.Event.OldDevPath!;
            UeventDevice device = moved.Event.Device;
            bool wants = FilterMatch.Wants(wanted.Filter, device, find);
            bool wasMember = IsStateless ? wants : _members.Remove(old);
            bool isCarried = tops.Exists(top => DevicePlace.IsBelow(old, top));
            if (wants && !IsStateless)
                _members.Add(device.DevPath);
            if (wasMember && wants && !isCarried && Hears("move", device))
            {
                told.Add(moved.Event);
                tops.Add(old);
            }
            else if (wasMember && !wants && Hears("remove", device))
            {
                UeventDevice known = isCarried
                    ? device
                    : device.Rebased(device.DevPath, device.RawDevPath, old, moved.Event.RawOldDevPath) with { SysName = old[(old.LastIndexOf('/') + 1)..], Parent = moved.Before?.Parent };
                gone.Insert(0, moved.Event with { Action = "remove", OldDevPath = null, RawOldDevPath = null, Device = known });
            }
            else if (!wasMember && wants && Hears("add", device))
            {
                told.Add(moved.Event with { Action = "add", OldDevPath = null, RawOldDevPath = null });
            }
        }
        return [.. told, .. gone];
    }

    private bool Hears(string action, UeventDevice device) => FilterMatch.Hears(wanted.Filter, device, action, device.Properties, find);

    private void Send(SubscribeReply reply) => Connection.Send(ServerFrame.Reply(reply, WireJson.Default.SubscribeReply, continues: true));
}
