namespace UeventManager.Core.Ordering;

/// <summary>One owner's value for each device, stored by <see cref="Device.Index"/>, so that the device needs no field for it.</summary>
/// <typeparam name="T">The value; its default means that nothing is known.</typeparam>
internal sealed class DeviceColumn<T>
{
    private (long Id, T? Value)[] _values = new (long, T?)[64];
    private T? _ofNobody;

    /// <summary>A device's value, to read and to set. A removed device's value stays until another device gets its index.</summary>
    public ref T? this[Device device]
    {
        get
        {
            if (device.Index >= _values.Length)
                Array.Resize(ref _values, Math.Max(device.Index + 1, 2 * _values.Length));
            ref var slot = ref _values[device.Index];
            if (slot.Id == device.Id)
                return ref slot.Value;
            if (slot.Id > device.Id)
            {
                _ofNobody = default;
                return ref _ofNobody;
            }
            slot = (device.Id, default);
            return ref slot.Value;
        }
    }
}
