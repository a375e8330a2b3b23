using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl info DEVICE</c>: all that is known of one device.</summary>
internal static class InfoCommand
{
    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var device = WaitOptions.Device();
        var attributes = new Option<bool>("--attributes", "-a") { Description = "Show all attributes of it and of the devices above it, as a rule's match takes them" };
        var properties = new Option<string[]>("--property", "-p") { HelpName = "NAME", Description = "Show only this property; may be repeated" };
        var values = new Option<bool>("--value") { Description = "With --property: its value alone" };
        var export = new Option<bool>("--export", "-x") { Description = "Show it as udevadm info --export-db does" };
        var command = new Command("info", "Show one device") { device, attributes, properties, values, export };
        command.Validators.Add(result =>
        {
            if (new Option[] { attributes, properties, export }.Count(one => result.GetResult(one) is { Implicit: false }) > 1)
                result.AddError("--attributes, --property and --export are for one at a time");
            else if (result.GetValue(values) && result.GetResult(properties) is null)
                result.AddError("--value is for --property NAME");
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            string name = DeviceName.Normalize(context.Parsed.GetRequiredValue(device), context.Settings);
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            UeventDevice found = await client.GetAsync(name, context.Cancel).ConfigureAwait(false);
            if (context.Parsed.GetValue(properties) is { Length: > 0 } wanted)
                return ShowProperties(context, found, wanted, context.Parsed.GetValue(values));
            if (context.Parsed.GetValue(attributes) || context.Parsed.GetValue(export))
            {
                foreach (string line in context.Parsed.GetValue(export) ? Exported(found) : AttributeWalk.Lines(context.Settings.Sysfs, found.Devpath))
                    context.Output.Line(line);
            }
            else if (context.Settings.Json)
                context.Output.Line(UeventJson.Write(found));
            else
            {
                IReadOnlyList<string>? unfinished = await UnfinishedAsync(client, found, context.Cancel).ConfigureAwait(false);
                foreach (string line in Lines(found, context.Palette, unfinished))
                    context.Output.Line(line);
            }
            return ExitStatus.Done;
        }));
        return command;
    }

    // It may go meanwhile, and a daemon may be too old or too busy to say: what it has said is shown all the same.
    private static async Task<IReadOnlyList<string>?> UnfinishedAsync(UeventClient client, UeventDevice device, CancellationToken cancel)
    {
        try
        {
            return (await client.ExplainAsync(device.Devpath, cancel).ConfigureAwait(false)).Unfinished;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }

    // A property that it does not have is a failure, so that a script sees it.
    private static int ShowProperties(CommandContext context, UeventDevice device, IEnumerable<string> names, bool alone)
    {
        int status = ExitStatus.Done;
        foreach (string name in names)
        {
            if (!device.Properties.TryGetValue(name, out string? value))
            {
                context.Say($"{device.Devpath} has no property {name} (ueventctl info shows those that it has)");
                status = ExitStatus.Failed;
            }
            else if (context.Settings.Json)
                context.Output.Line(JsonLine.Object(json => json.WriteString(name, value)));
            else
                context.Output.Line(alone ? Printable.Text(value) : $"{name}={Printable.Text(value)}");
        }
        return status;
    }

    // The letters of udevadm(8): path, node, subsystem, devtype, driver, properties; an empty line ends a device.
    private static IEnumerable<string> Exported(UeventDevice device)
    {
        yield return $"P: {Printable.Text(device.Devpath)}";
        yield return $"M: {Printable.Text(device.Sysname)}";
        yield return $"U: {Printable.Text(device.Subsystem)}";
        if (device.Devtype is { } type)
            yield return $"T: {Printable.Text(type)}";
        if (device.Properties.TryGetValue("MAJOR", out string? major) && device.Properties.TryGetValue("MINOR", out string? minor))
            yield return $"D: {(device.Subsystem == "block" ? 'b' : 'c')} {major}:{minor}";
        if (device.Devnode is { } node)
            yield return $"N: {Printable.Text(node.StartsWith("/dev/", StringComparison.Ordinal) ? node[5..] : node)}";
        if (device.Driver is { } driver)
            yield return $"V: {Printable.Text(driver)}";
        foreach ((string key, string value) in device.Properties.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            yield return $"E: {Printable.Text(key)}={Printable.Text(value)}";
        yield return "";
    }

    /// <summary>Lays a device out for people.</summary>
    /// <param name="device">The device.</param>
    /// <param name="palette">For the colours.</param>
    /// <param name="unfinished">What a change of it misses that is not delivered; null if there is none.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Lines(UeventDevice device, Palette palette, IReadOnlyList<string>? unfinished = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(palette);
        var own = new Columns();
        own.Add("subsystem", device.Subsystem);
        foreach ((string name, string? value) in new[]
        {
            ("devtype", device.Devtype), ("devnode", device.Devnode), ("driver", device.Driver), ("parent", device.Parent), ("rule", device.Rule),
            ("missing", device.Missing is { Count: > 0 } missing ? string.Join(", ", missing) : null),
        })
        {
            if (value is not null)
                own.Add(name, value);
        }
        own.Add("settled", device.Settled ? "yes" : "no");
        if (unfinished is not null)
            own.Add("change", $"not delivered{(unfinished.Count > 0 ? $", not there: {string.Join(", ", unfinished)}" : "")} (what follows is older than it)");
        return new[] { palette.Bold(Printable.Text(device.Devpath)) }.Concat(own.Lines("  "))
            .Concat(Section("properties", device.Properties, palette))
            .Concat(Section("attributes", device.Attributes, palette))
            .Concat(Section("links", device.Links, palette));
    }

    private static IEnumerable<string> Section(string title, IReadOnlyDictionary<string, string>? values, Palette palette)
    {
        if (values is null || values.Count == 0)
            return [];
        var columns = new Columns();
        foreach ((string name, string value) in values.OrderBy(static v => v.Key, StringComparer.Ordinal))
            columns.Add(name, value);
        return new[] { "  " + palette.Faint(title) }.Concat(columns.Lines("    "));
    }
}
