namespace UeventManager.Tests;

/// <summary>Ends a wait that would otherwise hang the tests.</summary>
internal static class TestDeadline
{
    /// <summary>Cancelled in thirty seconds, or when the run is.</summary>
    public static CancellationToken Start()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TimeSpan.FromSeconds(30));
        return source.Token;
    }
}
