namespace UeventManager.Fleet;

/// <summary>The broker does not allow these credentials what is asked.</summary>
public sealed class FleetForbiddenException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="isSubscription">True if it may not be subscribed to, false if nothing may be published there.</param>
    public FleetForbiddenException(string subject, bool isSubscription)
        : base($"the broker does not allow these credentials to {(isSubscription ? "subscribe to" : "publish")} {subject}") => (Subject, IsSubscription) = (subject, isSubscription);

    /// <summary>The subject.</summary>
    public string Subject { get; }

    /// <summary>True if it may not be subscribed to, false if nothing may be published there.</summary>
    public bool IsSubscription { get; }
}
