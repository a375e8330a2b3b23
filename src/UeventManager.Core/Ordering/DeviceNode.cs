namespace UeventManager.Core.Ordering;

/// <summary>
/// One directory below <c>/devices</c> that is a device or leads to one. Children are kept in the order in which they became known, so that removal
/// can mirror creation.
/// </summary>
public sealed class DeviceNode
{
    internal DeviceNode(byte[] path, DeviceNode? parent)
    {
        Path = path;
        Parent = parent;
    }

    /// <summary>The devpath.</summary>
    public byte[] Path { get; internal set; }

    /// <summary>The directory above, or null at the top.</summary>
    public DeviceNode? Parent { get; internal set; }

    /// <summary>The device at this directory, or null if the directory only leads to devices.</summary>
    public Device? Device { get; internal set; }

    /// <summary>The nearest device above, or null.</summary>
    public Device? ParentDevice
    {
        get
        {
            for (var node = Parent; node is not null; node = node.Parent)
            {
                if (node.Device is { } device)
                    return device;
            }
            return null;
        }
    }

    internal DeviceNode? FirstChild { get; private set; }

    internal DeviceNode? LastChild { get; private set; }

    internal DeviceNode? Next { get; private set; }

    internal DeviceNode? Previous { get; private set; }

    internal void Attach(DeviceNode parent)
    {
        Parent = parent;
        Previous = parent.LastChild;
        Next = null;
        if (parent.LastChild is { } last)
            last.Next = this;
        else
            parent.FirstChild = this;
        parent.LastChild = this;
    }

    internal void Detach()
    {
        if (Parent is null)
            return;
        if (Previous is { } previous)
            previous.Next = Next;
        else
            Parent.FirstChild = Next;
        if (Next is { } next)
            next.Previous = Previous;
        else
            Parent.LastChild = Previous;
        (Parent, Previous, Next) = (null, null, null);
    }
}
