namespace UeventManager.Fleet;

/// <summary>The broker does not allow these credentials to use a subject.</summary>
public sealed class FleetForbiddenException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="isSubscription">True if subscribing is forbidden, false if publishing is.</param>
    public FleetForbiddenException(string subject, bool isSubscription)
        : base($"the broker does not allow these credentials to {(isSubscription ? "subscribe to" : "publish")} {subject}") => (Subject, IsSubscription) = (subject, isSubscription);

    /// <summary>The subject.</summary>
    public string Subject { get; }

    /// <summary>True if subscribing is forbidden, false if publishing is.</summary>
    public bool IsSubscription { get; }
}
