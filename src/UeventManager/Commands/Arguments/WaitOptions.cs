using System.CommandLine;
using UeventManager.Core.Rules;

namespace UeventManager.Commands.Arguments;

/// <summary>Options of several commands, checked during parsing.</summary>
internal static class WaitOptions
{
    /// <summary>The daemon's longest wait.</summary>
    public const long LongestUsec = 86_400_000_000;

    /// <summary><c>--timeout</c>.</summary>
    public static Option<string> Timeout(string fallback)
    {
        var option = new Option<string>("--timeout", "-t") { HelpName = "TIME", Description = "The longest wait: 500ms, 5s, 2min; a plain number means seconds", DefaultValueFactory = _ => fallback };
        option.Validators.Add(result =>
        {
            if (result.Tokens is not [{ Value: var text }])
                return;
            if (!Duration.TryParseOption(text, out long usec))
                result.AddError($"--timeout: '{text}' is not a time ({Duration.Hint(text) ?? "write for example 500ms, 5s or 2min"})");
            else if (usec > LongestUsec)
                result.AddError($"--timeout: '{text}' is longer than 24h");
        });
        return option;
    }

    /// <summary>The device argument of a command.</summary>
    public static Argument<string> Device()
    {
        var device = new Argument<string>("DEVICE") { Description = "A devpath, /sys/…, /dev/… or subsystem:sysname" };
        return Named(device);
    }

    /// <summary>Refuses an empty name, which is probably an unset shell variable.</summary>
    public static T Named<T>(T argument) where T : Argument
    {
        argument.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => token.Value.Length == 0))
                result.AddError("an empty device name (write a devpath, /sys/…, /dev/… or subsystem:sysname)");
        });
        return argument;
    }

    /// <summary>The given time.</summary>
    public static TimeSpan TimeOf(ParseResult parsed, Option<string> option) =>
        Duration.TryParseOption(parsed.GetValue(option)!, out long usec) ? TimeSpan.FromMicroseconds(usec) : TimeSpan.Zero;
}
