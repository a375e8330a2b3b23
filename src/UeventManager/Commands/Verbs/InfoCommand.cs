using System.CommandLine;
using UeventManager.Client;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;

namespace UeventManager.Commands.Verbs;

/// <summary><c>ueventctl info DEVICE</c>: everything known about one device, or about all.</summary>
internal static class InfoCommand
{
    // The same as in udevadm.
    private static readonly string[] Queries = ["name", "symlink", "path", "property", "all"];

    /// <summary>Builds the command.</summary>
    /// <param name="common">The common options.</param>
    /// <returns>The command.</returns>
    public static Command Build(CommonOptions common)
    {
        var device = WaitOptions.Device();
        device.Arity = ArgumentArity.ZeroOrOne;
        var attributes = new Option<bool>("--attributes", "-a", "--attribute-walk") { Description = "Show all attributes of the device and its ancestors, in the form of a rule's match" };
        var properties = new Option<string[]>("--property", "-p") { HelpName = "NAME", Description = "Show only this property; may be repeated" };
        var values = new Option<bool>("--value") { Description = "With --property, print only the value" };
        var query = new Option<string?>("--query", "-q") { HelpName = "TYPE", Description = "Print the same as udevadm info --query: name, symlink, path, property or all" };
        query.CompletionSources.Add(Queries);
        query.Validators.Add(static result =>
        {
            if (result.Tokens is [{ Value: var text }] && !Queries.Contains(text))
                result.AddError($"--query: '{text}' is not known ({Choice.Hint(text, Queries)})");
        });
        var tree = new Option<bool>("--tree", "-t") { Description = "Show the device and everything below it as a tree; without DEVICE all devices" };
        var export = new Option<bool>("--export", "-x", "--export-db", "-e") { Description = "Print it in the format of udevadm info --export-db; without DEVICE all devices" };
        var command = new Command("info", "Show one device, or all devices as a tree or in udevadm's export format") { device, attributes, properties, values, query, tree, export };
        command.Validators.Add(result =>
        {
            if (new Option[] { attributes, properties, query, tree, export }.Count(one => result.GetResult(one) is { Implicit: false }) > 1)
                result.AddError("only one of --attributes, --property, --query, --tree and --export can be given");
            else if (result.GetValue(values) && result.GetResult(properties) is null)
                result.AddError("--value needs --property NAME");
            else if (result.GetResult(device) is not { Tokens.Count: > 0 } && !result.GetValue(tree) && !result.GetValue(export))
                result.AddError($"'info' needs DEVICE: a devpath, /sys/…, /dev/… or subsystem:sysname{(result.Words(properties).Any(static name => name.Contains('/', StringComparison.Ordinal)) ? "; --property is the name of a property" : "")}");
        });
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            ParseResult parsed = context.Parsed;
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            string? name = parsed.GetValue(device) is { } given ? DeviceName.Normalize(given, context.Settings) : null;
            UeventDevice? found = name is null ? null : await client.GetAsync(name, context.Cancel).ConfigureAwait(false);
            if (parsed.GetValue(tree))
                return await ShowTreeAsync(context, client, found?.DevPath).ConfigureAwait(false);
            if (parsed.GetValue(export))
                return Show(context, found is null ? (await client.ListAsync(cancellationToken: context.Cancel).ConfigureAwait(false)).Devices.OrderBy(static one => one.DevPath, StringComparer.Ordinal) : [found], DeviceExport.Lines);
            if (parsed.GetValue(properties) is { Length: > 0 } wanted)
                return ShowProperties(context, found!, wanted, parsed.GetValue(values));
            if (parsed.GetValue(query) is { } type)
                return Show(context, [found!], one => Answer(one, type));
            if (parsed.GetValue(attributes))
                return ShowAttributes(context, found!.DevPath);
            IReadOnlyList<string>? unfinished = context.Settings.Json ? null : await UnfinishedAsync(client, found!, context.Cancel).ConfigureAwait(false);
            return Show(context, [found!], one => Lines(one, context.Palette, unfinished));
        }));
        return command;
    }

    // The tree includes waiting devices, with what they miss.
    private static async Task<int> ShowTreeAsync(CommandContext context, UeventClient client, string? top)
    {
        DeviceList list = await client.ListAsync(unsettled: true, cancellationToken: context.Cancel).ConfigureAwait(false);
        IEnumerable<UeventDevice> devices = list.Devices.Where(device => top is null || DeviceTreeView.IsWithin(device.DevPath, top));
        if (context.Settings.Json)
            return Show(context, devices.OrderBy(static one => one.DevPath, StringComparer.Ordinal), static _ => []);
        foreach (string line in DeviceTreeView.Lines(devices, top, context.Palette))
            context.Output.Line(line);
        return ExitStatus.Done;
    }

    private static int Show(CommandContext context, IEnumerable<UeventDevice> devices, Func<UeventDevice, IEnumerable<string>> lines)
    {
        foreach (UeventDevice device in devices)
        {
            if (context.Settings.Json)
            {
                context.Output.Line(UeventJson.Write(device));
                continue;
            }
            foreach (string line in lines(device))
                context.Output.Line(line);
        }
        return ExitStatus.Done;
    }

    private static int ShowAttributes(CommandContext context, string devpath)
    {
        IEnumerable<WalkedDevice> walk = AttributeWalk.Read(context.Settings.Sysfs, devpath);
        if (!context.Settings.Json)
        {
            foreach (string line in AttributeWalk.Lines(walk))
                context.Output.Line(line);
            return ExitStatus.Done;
        }
        foreach (WalkedDevice device in walk)
        {
            context.Output.Line(JsonLine.Object(json =>
            {
                json.WriteString("devpath"u8, device.DevPath);
                json.WriteString("subsystem"u8, device.Subsystem);
                if (device.Driver is { } driver)
                    json.WriteString("driver"u8, driver);
                json.WriteStartObject("attributes"u8);
                foreach ((string name, string value) in device.Attributes)
                    json.WriteString(name, value);
                json.WriteEndObject();
            }));
        }
        return ExitStatus.Done;
    }

    private static IEnumerable<string> Answer(UeventDevice device, string type) => type switch
    {
        "name" => device.DevNode is { } node ? [DeviceExport.Node(node)] : [],
        "symlink" => DeviceExport.Symlinks(device),
        "path" => [device.DevPath],
        "property" => DeviceExport.Properties(device).Select(static pair => $"{pair.Key}={Printable.Text(pair.Value)}"),
        _ => DeviceExport.Lines(device),
    };

    // The device may be removed meanwhile, and a daemon may be too old or too busy to answer: its earlier answer is shown nevertheless.
    private static async Task<IReadOnlyList<string>?> UnfinishedAsync(UeventClient client, UeventDevice device, CancellationToken cancel)
    {
        try
        {
            return (await client.ExplainAsync(device.DevPath, cancel).ConfigureAwait(false)).Unfinished;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }

    // A missing property is a failure, so that a script notices.
    private static int ShowProperties(CommandContext context, UeventDevice device, IEnumerable<string> names, bool alone)
    {
        int status = ExitStatus.Done;
        foreach (string name in names)
        {
            if (!device.Properties.TryGetValue(name, out string? value))
            {
                context.Say($"{device.DevPath} has no property {name} (ueventctl info shows its properties)");
                status = ExitStatus.Failed;
            }
            else if (context.Settings.Json)
                context.Output.Line(JsonLine.Object(json => json.WriteString(name, value)));
            else
                context.Output.Line(alone ? Printable.Text(value) : $"{name}={Printable.Text(value)}");
        }
        return status;
    }

    /// <summary>Formats a device for people.</summary>
    /// <param name="device">The device.</param>
    /// <param name="palette">The colours.</param>
    /// <param name="unfinished">The missing conditions of an undelivered change; null if there is none.</param>
    /// <returns>The lines.</returns>
    public static IEnumerable<string> Lines(UeventDevice device, Palette palette, IReadOnlyList<string>? unfinished = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(palette);
        var own = new Columns();
        own.Add("subsystem", device.Subsystem);
        foreach ((string name, string? value) in new[]
        {
            ("devtype", device.DevType), ("devnode", device.DevNode), ("driver", device.Driver), ("parent", device.Parent), ("rule", device.Rule),
            ("missing", device.Missing is { Count: > 0 } missing ? string.Join(", ", missing) : null),
        })
        {
            if (value is not null)
                own.Add(name, value);
        }
        own.Add("settled", device.Settled ? "yes" : "no");
        if (unfinished is not null)
            own.Add("event", $"not delivered{(unfinished.Count > 0 ? $", missing: {string.Join(", ", unfinished)}" : "")} (the device is shown as before it)");
        return new[] { palette.Bold(Printable.Text(device.DevPath)) }.Concat(own.Lines("  "))
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
