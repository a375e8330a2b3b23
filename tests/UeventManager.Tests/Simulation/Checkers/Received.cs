using System.Text;

namespace UeventManager.Tests.Simulation.Checkers;

/// <summary>A datagram as a checker reads it.</summary>
internal sealed record Received(string Action, string Path, string? OldPath, long Seqnum)
{
    public static Received Of(byte[] datagram)
    {
        var entries = Encoding.UTF8.GetString(datagram).Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var values = entries.Skip(1).ToDictionary(e => e[..e.IndexOf('=')], e => e[(e.IndexOf('=') + 1)..]);
        return new Received(values["ACTION"], values["DEVPATH"], values.GetValueOrDefault("DEVPATH_OLD"), long.Parse(values["SEQNUM"]));
    }
}
