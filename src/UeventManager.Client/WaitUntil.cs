namespace UeventManager.Client;

/// <summary>What <see cref="UeventClient.WaitAsync(string, WaitUntil, TimeSpan?, CancellationToken)"/> waits for.</summary>
public enum WaitUntil
{
    /// <summary>The device exists and every condition of its rule held.</summary>
    Settled,

    /// <summary>The device is gone.</summary>
    Removed,
}
