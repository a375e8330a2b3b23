namespace UeventManager.Benchmarks;

/// <summary>The modes by name.</summary>
internal static class Modes
{
    public static Settings Of(string name) => name switch
    {
        "quick" => Settings.Quick,
        "full" => Settings.Full,
        "growth" => Settings.GrowthOnly,
        "record" => Settings.RecordOnly,
        _ => throw new ArgumentException($"BENCH={name}: it is quick, full, growth or record"),
    };

    public static int Usage()
    {
        Console.Error.WriteLine("make bench [BENCH=quick|full|growth|record], make bench-micro");
        return 2;
    }
}
