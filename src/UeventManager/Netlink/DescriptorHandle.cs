using Microsoft.Win32.SafeHandles;

namespace UeventManager;

/// <summary>A file descriptor that is closed exactly once.</summary>
public class DescriptorHandle : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes over a descriptor.</summary>
    public DescriptorHandle(int descriptor)
        : base(ownsHandle: true) => SetHandle(descriptor);

    /// <summary>The number, valid while the handle is open.</summary>
    public int Descriptor => (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => LibC.close((int)handle) == 0;
}
