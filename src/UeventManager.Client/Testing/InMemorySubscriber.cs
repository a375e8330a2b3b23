namespace UeventManager.Client.Testing;

/// <summary>A running <c>Subscribe</c> call. A device that enters or leaves its filter appears as add or remove.</summary>
internal sealed class InMemorySubscriber(InMemoryConnection connection, SubscribeParameters wanted)
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
        UeventDevice[] state = [.. devices.Where(d => (d.Settled || wanted.Unsettled == true) && FilterMatch.Wants(wanted.Filter, d))];
        _members.Clear();
        _members.UnionWith(state.Where(d => d.Settled).Select(d => d.Devpath));
        Send(new SubscribeReply(state, null, null, true, cursor));
    }

    public void SendReady(string cursor) => Send(new SubscribeReply(null, null, null, true, cursor));

    public void SendGap(UeventGap gap) => Send(new SubscribeReply(null, null, gap, null, null));

    /// <summary>Takes what there is for the devices that a resumed client knew.</summary>
    public void Resume(string cursor, IEnumerable<UeventEvent> missed, IEnumerable<UeventDevice> known)
    {
        _members.UnionWith(known.Where(d => FilterMatch.Wants(wanted.Filter, d)).Select(d => d.Devpath));
        SendReady(cursor);
        SendEvents([.. missed]);
    }

    public void SendEvents(IReadOnlyList<UeventEvent> events)
    {
        UeventEvent[] selected = [.. events.Select(Select).OfType<UeventEvent>().Where(e => FilterMatch.Wants(wanted.Filter, e.Action))];
        if (selected.Length > 0)
            Send(new SubscribeReply(null, selected, null, null, null));
    }

    private UeventEvent? Select(UeventEvent one)
    {
        bool wants = FilterMatch.Wants(wanted.Filter, one.Device);
        if (one.Device.Kobject == true || IsStateless)
            return wants ? one : null;
        bool wasMember = _members.Remove(one.OldDevpath ?? one.Device.Devpath);
        if (one.Action == "remove" || !wants)
            return wasMember ? one with { Action = "remove", Device = one.OldDevpath is { } old ? one.Device with { Devpath = old } : one.Device } : null;
        _members.Add(one.Device.Devpath);
        return wasMember ? one : one with { Action = "add", OldDevpath = null };
    }

    private void Send(SubscribeReply reply) => Connection.Send(ServerFrame.Reply(reply, WireJson.Default.SubscribeReply, continues: true));
}
