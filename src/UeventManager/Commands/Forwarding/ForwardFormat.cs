namespace UeventManager.Commands.Forwarding;

/// <summary>What the listeners in a namespace understand.</summary>
internal enum ForwardFormat
{
    /// <summary>udevd's own messages, for clients of libudev.</summary>
    Libudev,

    /// <summary>The kernel's, for a namespace with a udevd or mdevd of its own.</summary>
    Kernel,

    /// <summary>The kernel's text in a group of its own, for clients of libudev-zero.</summary>
    LibudevZero,
}
