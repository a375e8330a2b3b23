namespace UeventManager.Varlink;

/// <summary>
/// Answers calls of one method, at once or later: by <see cref="VarlinkCall.Reply"/> or <see cref="VarlinkCall.Error"/>, also for a
/// <c>oneway</c> call, which ends it. The parameters are already valid for the method's declaration.
/// </summary>
/// <param name="call">The call.</param>
internal delegate void VarlinkHandler(VarlinkCall call);

/// <summary>What a method demands of a call.</summary>
[Flags]
internal enum VarlinkMethodFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Without <c>more</c> the call is answered with ExpectedMore.</summary>
    RequiresMore = 1,

    /// <summary>A client that <see cref="VarlinkDispatcher.IsPrivileged"/> denies gets PermissionDenied.</summary>
    Privileged = 2,
}
