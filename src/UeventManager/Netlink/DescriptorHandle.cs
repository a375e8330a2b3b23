using Microsoft.Win32.SafeHandles;
using Tmds.Linux;

namespace UeventManager;

/// <summary>A file descriptor that is closed exactly once.</summary>
internal class DescriptorHandle : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes over a descriptor.</summary>
    public DescriptorHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number.</summary>
    /// <exception cref="ObjectDisposedException">The descriptor is closed, and its number may belong to another file by now.</exception>
    public int Descriptor
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return (int)handle;
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
