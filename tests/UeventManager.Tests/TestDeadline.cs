namespace UeventManager.Tests;

/// <summary>Ends a wait that would otherwise hang the tests.</summary>
internal static class TestDeadline
{
    /// <summary>Cancelled at a deadline that a healthy machine never reaches, or when the run is.</summary>
    public static CancellationToken Start()
    {
        var source = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        source.CancelAfter(TestTime.Seconds(30));
        return source.Token;
    }
}
