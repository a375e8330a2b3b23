namespace UeventManager.Commands.Forwarding;

/// <summary>The message format of the listeners in a namespace.</summary>
internal enum ForwardFormat
{
    /// <summary>udevd's messages, for clients of libudev.</summary>
    Libudev,

    /// <summary>The kernel's messages, for a namespace with its own udevd or mdevd.</summary>
    Kernel,

    /// <summary>The kernel's text in a multicast group of its own, for clients of libudev-zero.</summary>
    LibudevZero,
}
