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
        var command = new Command("info", "Show one device");
        command.Add(device);
        command.SetAction(CommandRunner.Action(common, async context =>
        {
            string name = DeviceName.Normalize(context.Parsed.GetRequiredValue(device), context.Settings);
            await using UeventClient client = await context.ConnectAsync().ConfigureAwait(false);
            UeventDevice found = await client.GetAsync(name, context.Cancel).ConfigureAwait(false);
            if (context.Settings.Json)
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
