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
        "forward" => Settings.ForwardOnly,
        _ => throw new ArgumentException($"BENCH={name}: it is quick, full, growth, record or forward"),
    };

    public static int Usage()
    {
        Console.Error.WriteLine("make bench [BENCH=quick|full|growth|record|forward], make bench-micro");
        return 2;
    }
}
