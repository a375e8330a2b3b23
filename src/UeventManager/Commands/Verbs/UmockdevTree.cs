using System.Text;
using UeventManager.Commands.Arguments;
using UeventManager.Commands.Terminal;
using UeventManager.Core.Recording;
using UeventManager.Recorder;

namespace UeventManager.Commands.Verbs;

/// <summary>
/// Device descriptions of umockdev: <c>record --format umockdev</c> makes one from a recording's tree, or from the present machine; <c>record
/// --from-umockdev</c> makes a tree of files from one.
/// </summary>
/// <param name="context">The command's context.</param>
internal sealed class UmockdevTree(CommandContext context)
{
    /// <summary>Makes a tree of files from a description.</summary>
    /// <returns>The exit status.</returns>
    public int Make(string description, string root)
    {
        var reader = UmockdevReader.Read(Content(description));
        var tree = new DescribedTree(reader.Devices);
        Say(reader.Problems.Select(problem => $"{description}:{problem}"), reader.ProblemCount);
        Say(tree.Problems.Select(problem => $"{description}: {problem}"), tree.ProblemCount);
        if (reader.Devices.Count == 0)
            throw new IOException($"{description}: it describes no device (umockdev-record and udevadm info write descriptions)");
        TreeDirectory.Make(root, tree, reader.Devices, context.Cancel);
        var example = reader.Devices.FirstOrDefault(static device => device.Subsystem is not null) is { } first ? $"{first.Subsystem}:{first.DevPath[(first.DevPath.LastIndexOf('/') + 1)..]}" : "DEVICE";
        context.Say($"{Counted.Of(reader.Devices.Count, "device")} in {root} (ueventctl rules test --sysfs {Path.Combine(root, TreeDirectory.Sysfs)} --udev-db {Path.Combine(root, TreeDirectory.UdevData)} {example})");
        return ExitStatus.Done;
    }

    /// <summary>Describes the tree at the end of a recording.</summary>
    /// <param name="file">The recording.</param>
    /// <param name="filter">Selects devices; their ancestors are included.</param>
    /// <param name="path">The output file; null for standard output.</param>
    /// <returns>The exit status.</returns>
    public int Describe(RecordingFile file, RecordFilter filter, string? path)
    {
        foreach (var remark in file.Remarks())
            context.Say(remark);
        var writer = new UmockdevWriter(file.World, filter.Wants);
        var text = writer.Write();
        if (writer.Devices == 0)
        {
            context.Say("no device matches, so nothing is described (see --filter)");
            return ExitStatus.Failed;
        }
        if (path is null)
            context.Output.Bytes(Encoding.UTF8.GetBytes(text));
        else
            OutputFile.WriteAll(path, Encoding.UTF8.GetBytes(text));
        if (writer.Empty > 0)
            context.Say($"{Counted.Of(writer.Empty, "attribute")} without a value {(writer.Empty == 1 ? "is" : "are")} described as empty{(file.World.Header.HasValues ? " (they cannot be read)" : " (record --values reads them)")}");
        if (writer.Directories > 0)
            context.Say($"{writer.Directories} {(writer.Directories == 1 ? "directory" : "directories")} without recorded entries {(writer.Directories == 1 ? "is" : "are")} left out: a description cannot have empty ones (record --depth goes deeper)");
        return ExitStatus.Done;
    }

    private void Say(IEnumerable<string> problems, int count)
    {
        var said = 0;
        foreach (var problem in problems)
        {
            context.Say("left out: " + problem);
            said++;
        }
        if (count > said)
            context.Say($"left out: {count - said} more");
    }

    private static byte[] Content(string path)
    {
        if (path != "-")
            return InputFile.Read(path, UmockdevReader.MaxBytes);
        using var input = Console.OpenStandardInput();
        return InputFile.Read(input, "standard input", UmockdevReader.MaxBytes);
    }
}
