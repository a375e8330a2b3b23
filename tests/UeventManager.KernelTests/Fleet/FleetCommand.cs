using System.Text;
using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests.Fleet;

/// <summary>Runs <c>uevent-nats</c> in a sandbox, where a server listens.</summary>
public static class FleetCommand
{
    private static readonly Dictionary<string, string> s_environment = new() { ["NATS_URL"] = NatsServer.Url, ["NO_COLOR"] = "1" };

    /// <summary>Runs it to its end.</summary>
    public static CommandResult Run(Sandbox sandbox, IReadOnlyList<string> arguments, Deadline? deadline = null)
    {
        using var process = Start(sandbox, arguments);
        process.CloseInput();
        var code = process.WaitForExit(deadline ?? Deadline.Seconds(30));
        return new CommandResult(string.Join(' ', arguments), code, process.Output, process.Error);
    }

    public static RunningProcess Start(Sandbox sandbox, IReadOnlyList<string> arguments, string[]? prefix = null) =>
        sandbox.Start([.. prefix ?? [], Repository.UeventNats, .. arguments], s_environment);

    /// <summary>Starts a bridge and returns once it speaks for its host.</summary>
    public static RunningProcess Publish(Sandbox sandbox, DaemonProcess daemon, string host, params IReadOnlyList<string> arguments)
    {
        var bridge = Start(sandbox, ["publish", "--host", host, "--socket", daemon.SocketPath, .. arguments.Contains("--heartbeat") ? (string[])[] : ["--heartbeat", "500ms"], .. arguments]);
        bridge.WaitForErrorLine(line => line.Contains("publishing for", StringComparison.Ordinal), Deadline.Seconds(60), "the bridge speaks");
        return bridge;
    }

    /// <summary>What the fleet lists of a host.</summary>
    public static IReadOnlyList<string> List(Sandbox sandbox, string host, params IReadOnlyList<string> arguments)
    {
        var result = Run(sandbox, ["list", "--json", "--host", host, .. arguments]);
        Assert.True(result.ExitCode == 0, $"list: {result.ExitCode} {result.Error}");
        return result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>What the host's own daemon lists, as the fleet would.</summary>
    public static IReadOnlyList<string> Expected(Sandbox sandbox, DaemonProcess daemon, string host, params IReadOnlyList<string> arguments)
    {
        using var process = sandbox.Start([Repository.Ueventctl, "list", "--json", "--socket", daemon.SocketPath, .. arguments]);
        Assert.Equal(0, process.WaitForExit(Deadline.Default));
        return [.. process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => new StringBuilder("{\"host\":\"").Append(host).Append("\",").Append(line.AsSpan(1)).ToString())];
    }

    /// <summary>Waits until a monitor of interfaces sees what happens: what came before it began is in its state, and no line.</summary>
    public static void Begin(Sandbox sandbox, RunningProcess monitor)
    {
        Eventually.Holds(
            () =>
            {
                sandbox.Run("ip link add begin0 type veth peer name begin1; ip link del begin0");
                return monitor.HasExited || monitor.Lines.Any(line => line.Contains("/begin", StringComparison.Ordinal));
            },
            Deadline.Seconds(60),
            "the consumer has begun");
        Assert.False(monitor.HasExited, monitor.Error);
    }

    /// <summary>Waits until the fleet shows of a host exactly what its daemon lists, byte for byte.</summary>
    public static void Agree(Sandbox sandbox, DaemonProcess daemon, string host, string what, double seconds = 30, IReadOnlyList<string>? filters = null, IReadOnlyList<string>? credentials = null) =>
        Eventually.SameSet(() => Expected(sandbox, daemon, host, filters ?? []), () => List(sandbox, host, [.. filters ?? [], .. credentials ?? []]), Deadline.Seconds(seconds), what);
}
