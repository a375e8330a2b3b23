namespace UeventManager.Varlink;

/// <summary>
/// Answers calls of one method, at once or later, with <see cref="VarlinkCall.Reply"/> or <see cref="VarlinkCall.Error"/>; these also end a
/// <c>oneway</c> call. The parameters are already checked against the method's declaration.
/// </summary>
/// <param name="call">The call.</param>
internal delegate void VarlinkHandler(VarlinkCall call);

/// <summary>A method's requirements on calls.</summary>
[Flags]
internal enum VarlinkMethodFlags
{
    /// <summary>No requirement.</summary>
    None = 0,

    /// <summary>Without <c>more</c> the call is answered with ExpectedMore.</summary>
    RequiresMore = 1,

    /// <summary>A client that <see cref="VarlinkDispatcher.IsPrivileged"/> denies gets PermissionDenied.</summary>
    Privileged = 2,
}
