namespace UeventManager.Benchmarks;

/// <summary>The modes by name.</summary>
internal static class Modes
{
    public static Settings Of(string name) => name switch
    {
        "quick" => Settings.Quick,
        "full" => Settings.Full,
        "growth" => Settings.GrowthOnly,
        _ => throw new ArgumentException($"BENCH={name}: it is quick, full or growth"),
    };

    public static int Usage()
    {
        Console.Error.WriteLine("make bench [BENCH=quick|full|growth], make bench-micro");
        return 2;
    }
}
