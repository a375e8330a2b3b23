using System.Text.Json;

namespace UeventManager.Benchmarks.Measure;

/// <summary>The measuring client, one program for all contenders: <c>native/probe.c</c>.</summary>
internal sealed class Probe(Place place)
{
    /// <summary>One event at a time: of net by the veth's own uevent file, of another subsystem injected.</summary>
    /// <param name="source">Where it is received.</param>
    /// <param name="count">Events.</param>
    /// <param name="gapUsec">From a receipt to the next event.</param>
    /// <param name="subscribers">Receivers.</param>
    /// <param name="subsystem">Of what.</param>
    /// <param name="netns">The directory with a network namespace for each of them; null if they are all here.</param>
    /// <param name="daemon">Another source: how much later than from it the event comes to the last receiver is measured too.</param>
    public Latencies Latency(string source, int count, int gapUsec = 0, int subscribers = 1, string subsystem = "net", string? netns = null, string? daemon = null) =>
        Times([
            "latency", source, "--count", $"{count}", "--gap-us", $"{gapUsec}", "--subscribers", $"{subscribers}", "--via", subsystem == "net" ? Place.Veth : "inject", "--subsystem", subsystem,
            .. Option("--netns", netns), .. Option("--daemon", daemon),
        ]);

    /// <summary>Events as fast as they can be sent.</summary>
    public StormResult Storm(string source, int count, int devices, int subscribers = 1, string subsystem = "net", string? netns = null)
    {
        var root = Run(["storm", source, "--count", $"{count}", "--devices", $"{devices}", "--subscribers", $"{subscribers}", "--subsystem", subsystem, .. Option("--netns", netns)]);
        return new StormResult(
            root.GetProperty("sent").GetInt64(), root.GetProperty("received").GetInt64(), root.GetProperty("gaps").GetInt64(),
            root.GetProperty("ns").GetInt64() / 1e9, root.GetProperty("sendNs").GetInt64() / 1e9);
    }

    /// <summary>From an attribute's appearance to the event's delivery.</summary>
    public Latencies Lag(string source, string sysfs, int count, int waitUsec, int spreadUsec) =>
        Times(["lag", source, "--sysfs", sysfs, "--subsystem", "bench", "--action", "add", "--count", $"{count}", "--wait-us", $"{waitUsec}", "--spread-us", $"{spreadUsec}"]);

    /// <summary>From fork to the reply of <c>Status</c>, then ends the daemon.</summary>
    public (double Msec, long Devices) Start(string socket, IEnumerable<string> command)
    {
        var root = Run(["start", socket, .. command]);
        return (root.GetProperty("ns")[0].GetInt64() / 1e6, root.GetProperty("devices").GetInt64());
    }

    /// <summary>A program's wall times in milliseconds; null if it does not end with 0.</summary>
    public double[]? Exec(int count, IEnumerable<string> command)
    {
        var root = Run(["exec", $"{count}", .. command]);
        return root.GetProperty("status").GetInt32() != 0 ? null : [.. root.GetProperty("ns").EnumerateArray().Select(n => n.GetInt64() / 1e6)];
    }

    private static string[] Option(string name, string? value) => value is null ? [] : [name, value];

    private Latencies Times(IEnumerable<string> arguments)
    {
        var root = Run(arguments);
        var usec = root.GetProperty("ns").EnumerateArray().Select(n => n.GetInt64() / 1e3).ToArray();
        double[] beyond = root.TryGetProperty("beyond", out var later) ? [.. later.EnumerateArray().Select(n => n.GetInt64() / 1e3)] : [];
        return new Latencies(usec, beyond, root.GetProperty("lost").GetInt32(), root.GetProperty("gaps").GetInt32(), root.TryGetProperty("early", out var early) ? early.GetInt32() : 0);
    }

    private JsonElement Run(IEnumerable<string> arguments) => JsonDocument.Parse(Command.Run(place.Probe, arguments)).RootElement;
}

/// <param name="Usec">Of each event that came.</param>
/// <param name="Beyond">How much later than from the daemon itself; empty if that was not asked for.</param>
/// <param name="Lost">Events that did not come.</param>
/// <param name="Gaps">Gaps that the daemon told.</param>
/// <param name="Early">Lag: events that came before their attribute was there.</param>
internal sealed record Latencies(double[] Usec, double[] Beyond, int Lost, int Gaps, int Early);

/// <param name="Sent">Events sent.</param>
/// <param name="Received">Events that the subscriber with the fewest got.</param>
/// <param name="Gaps">Gaps that the daemon told.</param>
/// <param name="Seconds">From the first sending to the last receipt.</param>
/// <param name="SendSeconds">From the first sending to the last.</param>
internal sealed record StormResult(long Sent, long Received, long Gaps, double Seconds, double SendSeconds)
{
    public double PerSecond => Received / Seconds;

    public long Lost => Sent - Received;
}
