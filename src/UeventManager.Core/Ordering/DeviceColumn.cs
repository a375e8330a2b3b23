namespace UeventManager.Core.Ordering;

/// <summary>What one subject knows of each device, kept by <see cref="Device.Index"/>: the device itself has no field for it.</summary>
/// <typeparam name="T">What is known; its default value says that nothing is.</typeparam>
internal sealed class DeviceColumn<T>
{
    private (long Id, T? Value)[] _values = new (long, T?)[64];
    private T? _ofNobody;

    /// <summary>A device's value, to read and to set. That of one that went is there until another device has its index; then it is lost.</summary>
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
