using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using UeventManager.Daemon;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Daemon;

/// <summary>A warning names the device, the rule and what to do.</summary>
public sealed partial class DaemonLogTests
{
    private static readonly LoggerMessageAttribute[] Lines =
    [
        .. typeof(DaemonLog).GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>(),
    ];

    public static TheoryData<string> Serious => [.. Lines.Where(static line => line.Level >= LogLevel.Warning).Select(static line => line.Message)];

    [Theory]
    [MemberData(nameof(Serious))]
    public void AWarningSaysWhatToDo(string message)
    {
        Assert.Matches(@" \([^()]{20,}\)$", message);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [MemberData(nameof(Serious))]
    public void AWarningAboutADeviceNamesItAndTheRule(string message) =>
        Assert.Equal(message.Contains("{DevPath}", StringComparison.Ordinal), message.Contains("{Rule}", StringComparison.Ordinal));

    [Fact]
    public void NoTwoLinesHaveTheSameNumber() => Assert.Distinct(Lines.Select(static line => line.EventId));

    [Fact]
    public void AnyDeviceNameStaysWithinOneLogLine()
    {
        var seen = new SeenLog();
        var log = new DaemonLog(seen);
        log.Released("/devices/a\n<0>kernel: forged\e[2J\u202e", 7);
        log.EngineFailed(new InvalidOperationException("first\nsecond\r"));
        Assert.Equal(@"/devices/a\x0a<0>kernel: forged\x1b[2J\u{202e} is released by hand, by uid 7", seen.Lines[0]);
        Assert.Contains("first second", seen.Lines[1], StringComparison.Ordinal);
        Assert.All(seen.Lines, line => Assert.DoesNotContain(line, char.IsControl));
    }

    // What is logged elsewhere would be seen by none of these.
    [Fact]
    public void NothingElseLogs()
    {
        var files = SourceTree.Files("src").Where(static file => !file.Path.EndsWith("/DaemonLog.cs", StringComparison.Ordinal) && !file.Path.StartsWith("src/UeventManager.Client.", StringComparison.Ordinal));
        Assert.DoesNotContain(files, static file => file.Lines.Any(static line => Logging().IsMatch(line)));
    }

    [GeneratedRegex(@"\[LoggerMessage|\.Log(Trace|Debug|Information|Warning|Error|Critical)?\(")]
    private static partial Regex Logging();
}
