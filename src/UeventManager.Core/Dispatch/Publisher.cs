using System.Buffers;
using UeventManager.Core.Ordering;
using UeventManager.Core.Uevents;

namespace UeventManager.Core.Dispatch;

/// <summary>Encodes every released event once and keeps it for all subscribers.</summary>
/// <param name="devices">The known devices, for the state.</param>
/// <param name="epoch">Random; tells this run's cursors from others'.</param>
public sealed class Publisher(DeviceTree devices, ulong epoch) : IDisposable
{
    private readonly EventEncoder _encoder = new();
    private readonly List<SubscriberStream> _streams = [];

    /// <summary>The events kept.</summary>
    public EventRing Ring { get; } = new();

    /// <summary>The subscribers.</summary>
    public IReadOnlyList<SubscriberStream> Streams => _streams;

    /// <summary>The cursor behind the newest event.</summary>
    public Cursor LastCursor => new(epoch, Ring.Next - 1);

    /// <summary>Begins a subscription with the state, or with nothing if it wants none.</summary>
    public SubscriberStream Subscribe(DeviceFilter? filter, bool stateless, bool unsettled)
    {
        var stream = new SubscriberStream(this, filter, stateless, unsettled);
        if (stateless)
            stream.PutReady();
        else
            stream.PutState();
        _streams.Add(stream);
        return stream;
    }

    /// <summary>Ends a subscription.</summary>
    public void Unsubscribe(SubscriberStream stream) => _streams.Remove(stream);

    /// <summary>Publishes a released event.</summary>
    /// <param name="released">The event.</param>
    /// <param name="device">Its device; null for other kobjects.</param>
    /// <param name="settledUsec">When it was released, CLOCK_MONOTONIC microseconds.</param>
    public void Publish(PendingEvent released, Device? device, long settledUsec)
    {
        var number = Ring.Next;
        var encoded = _encoder.Event(new Cursor(epoch, number), released, device, released.Action, settledUsec);
        Ring.Append(encoded);
        if (_streams.Count == 0)
            return;
        var view = DeviceView.Of(released, device);
        foreach (var stream in _streams)
            stream.Offer(view, released, device, Ring[number], number, settledUsec);
    }

    /// <summary>Tells everybody that events were lost; the state follows when it is known again.</summary>
    public void Gap(string reason, long? lost)
    {
        foreach (var stream in _streams)
        {
            stream.PutGap(reason, lost);
            stream.Mute();
        }
    }

    /// <summary>The state is known again.</summary>
    public void Reconciled()
    {
        foreach (var stream in _streams)
            stream.Unmute();
    }

    /// <summary>The replies of <c>List</c>.</summary>
    public IEnumerable<byte[]> List(DeviceFilter? filter, bool unsettled)
    {
        using var wanted = Wanted(filter, unsettled, null).GetEnumerator();
        var frames = StreamFrames.Devices("devices", output => WriteNext(wanted, output), $",\"cursor\":\"{LastCursor}\"", lastContinues: false);
        return frames.ToList();
    }

    internal List<byte[]> State(DeviceFilter? filter, bool unsettled, Action<Device> remember)
    {
        using var wanted = Wanted(filter, unsettled, remember).GetEnumerator();
        var frames = StreamFrames.Devices("state", output => WriteNext(wanted, output), $",\"ready\":true,\"cursor\":\"{LastCursor}\"", lastContinues: true);
        return frames.ToList();
    }

    internal byte[] Encode(PendingEvent released, Device? device, UeventAction action, long number, long settledUsec) =>
        _encoder.Event(new Cursor(epoch, number), released, device, action, settledUsec).ToArray();

    /// <summary>Encodes one device; valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(in DeviceView view) => _encoder.Device(view);

    /// <inheritdoc/>
    public void Dispose() => _encoder.Dispose();

    private bool WriteNext(IEnumerator<Device> wanted, IBufferWriter<byte> output)
    {
        if (!wanted.MoveNext())
            return false;
        output.Write(_encoder.Device(ViewOf(wanted.Current)));
        return true;
    }

    private IEnumerable<Device> Wanted(DeviceFilter? filter, bool unsettled, Action<Device>? remember)
    {
        foreach (var device in devices.All())
        {
            if (device.State != DeviceState.Announced && !(unsettled && device.State is DeviceState.Waiting or DeviceState.Held))
                continue;
            if (filter is not null && !filter.Wants(ViewOf(device)))
                continue;
            if (device.State == DeviceState.Announced)
                remember?.Invoke(device);
            yield return device;
        }
    }

    private static DeviceView ViewOf(Device device) =>
        device.State == DeviceState.Announced ? DeviceView.OfAnnounced(device) : DeviceView.OfWaiting(device);
}
