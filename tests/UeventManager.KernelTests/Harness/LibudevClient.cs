using System.Globalization;

namespace UeventManager.KernelTests.Harness;

/// <summary>A program in C on the distribution's libudev, which rejects in silence what is not as it expects.</summary>
internal static class LibudevClient
{
    private static readonly Lazy<string> Program = new(Build);

    /// <summary>What it says of one device.</summary>
    internal sealed record Heard(string Action, string Name, bool IsInitialized, string Tags, long Seqnum, string DevPath, string Stored, IReadOnlyList<string> Values);

    /// <summary>Starts one that filters, each <c>-</c> for anything; returns once it listens.</summary>
    public static RunningProcess Start(Sandbox sandbox, string subsystem, string devtype, string tag, params IReadOnlyList<string> properties) =>
        Listening(sandbox.Start([Program.Value, subsystem, devtype, tag, .. properties]));

    /// <summary>The same with a tree of its own for sysfs.</summary>
    public static RunningProcess Start(Sandbox sandbox, FakeSysfs sysfs, string subsystem, string devtype, string tag, params IReadOnlyList<string> properties) =>
        Listening(sandbox.Start(
            ["unshare", "--mount", "--propagation", "private", "sh", "-c", $"mount --bind {sysfs.Root} /sys && exec \"$@\"", "sh", Program.Value, subsystem, devtype, tag, .. properties],
            // It is not a sysfs by its file system.
            new Dictionary<string, string> { ["SYSTEMD_DEVICE_VERIFY_SYSFS"] = "0" }));

    /// <summary>Everything that it has heard so far.</summary>
    public static IReadOnlyList<Heard> All(RunningProcess client) => [.. client.Lines.Skip(1).Select(Parse)];

    /// <summary>Checks that one has heard nothing of all that was sent until now: it is asked, and answers behind it.</summary>
    public static void IsDeaf(RunningProcess client)
    {
        client.Say("?");
        client.WaitForLine(line => line == "asked", Deadline.Default, "it answers");
        Assert.Equal(["listening", "asked"], client.Lines);
    }

    private static Heard Parse(string line)
    {
        var words = line.Split(' ');
        return new Heard(words[0], words[1], words[2] == "initialised", words[3], long.Parse(words[4], CultureInfo.InvariantCulture), words[5], words[6], words[7..]);
    }

    private static RunningProcess Listening(RunningProcess client)
    {
        client.WaitForLine(line => line == "listening", Deadline.Default, "libudev listens");
        return client;
    }

    private static string Build()
    {
        var source = Path.Combine(Repository.Root, "tests/UeventManager.KernelTests/Harness/libudev.c");
        var directory = Directory.CreateTempSubdirectory("uem-libudev").FullName;
        // For the unprivileged user that some tests become.
        File.SetUnixFileMode(directory, (UnixFileMode)0b111_101_101);
        var program = Path.Combine(directory, "libudev");
        using var compiler = RunningProcess.Start(Requires.Tool("gcc"), ["-O1", "-Wall", "-Wextra", "-Werror", "-o", program, source, "-l:libudev.so.1"]);
        compiler.CloseInput();
        Assert.True(compiler.WaitForExit(Deadline.Seconds(60)) == 0, compiler.Error);
        return program;
    }
}
