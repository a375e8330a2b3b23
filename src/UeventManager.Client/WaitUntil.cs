namespace UeventManager.Client;

/// <summary>The states that <see cref="UeventClient.WaitAsync(string, WaitUntil, TimeSpan?, CancellationToken)"/> can wait for.</summary>
public enum WaitUntil
{
    /// <summary>The device exists and is settled.</summary>
    Settled,

    /// <summary>The device is removed.</summary>
    Removed,
}
