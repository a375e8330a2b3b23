using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Differential;

/// <summary>A plan carried out once.</summary>
internal static class Trial
{
    /// <summary>Null if all promises were kept.</summary>
    public static Failure? Run(Plan plan, Sandbox sandbox)
    {
        using var round = new Round(plan, sandbox);
        try
        {
            round.Run();
            return null;
        }
        catch (Exception error)
        {
            return Failure.Of(plan, error, round);
        }
    }
}
