namespace UeventManager.Tests.House;

/// <summary>Which folder may import which. Without these the pure core would get I/O, and the simulator would prove nothing.</summary>
public sealed class ImportTests
{
    private const string Core = "src/UeventManager.Core";
    private const string Edges = "src/UeventManager";
    private static readonly string[] LeftToRight = ["Snapshots", "Uevents", "Rules", "Settle", "Ordering", "Udev", "Looks", "History", "Conflicts", "Stale", "Moves", "Drains", "Reconcile", "Groups", "Engine", "Driving", "Dispatch", "Forwarding", "Recording"];
    private static readonly string[] EdgeFolders = ["Netlink", "Sysfs", "RuleFiles", "Varlink", "Systemd", "Handover", "Udev", "Plot"];

    [Fact]
    public void The_core_imports_nothing_of_the_outside() =>
        Assert.Empty(Offenders(Core, (_, import) => !import.StartsWith("System", StringComparison.Ordinal) && !import.StartsWith("UeventManager.Core", StringComparison.Ordinal)));

    [Fact]
    public void A_folder_of_the_core_imports_only_folders_to_its_left() =>
        Assert.Empty(Offenders(Core, (file, import) => CoreFolder(import) is { } imported && Array.IndexOf(LeftToRight, imported) > Array.IndexOf(LeftToRight, file.Folder)));

    [Fact]
    public void Every_folder_of_the_core_has_its_place_in_the_picture() =>
        Assert.Empty(SourceTree.Files(Core).Where(f => !LeftToRight.Contains(f.Folder)).Select(f => f.Path));

    [Fact]
    public void Edge_folders_do_not_import_each_other() =>
        Assert.Empty(Offenders(Edges, (file, import) => EdgeFolders.Contains(file.Folder) && EdgeFolder(import) is { } imported && imported != file.Folder));

    [Fact]
    public void Edge_folders_do_not_import_what_wires_them() =>
        Assert.Empty(Offenders(Edges, (file, import) => EdgeFolders.Contains(file.Folder) && (IsBelow(import, "UeventManager.Daemon") || IsBelow(import, "UeventManager.Commands"))));

    [Fact]
    public void The_daemon_does_not_import_the_commands() =>
        Assert.Empty(Offenders(Edges, (file, import) => file.Folder == "Daemon" && (IsBelow(import, "UeventManager.Commands") || IsBelow(import, "UeventManager.Client"))));

    [Fact]
    public void A_folder_of_the_daemon_imports_only_those_before_it() =>
        Assert.Empty(InOrder("src/UeventManager/Daemon", "UeventManager.Daemon.", ["Names", "Edge", "Services", "Loop", "Start"]));

    [Fact]
    public void A_folder_of_the_commands_imports_only_those_before_it() =>
        Assert.Empty(InOrder("src/UeventManager/Commands", "UeventManager.Commands.", ["Terminal", "Arguments", "Acting", "Forwarding", "Retelling", "Verbs"]));

    [Fact]
    public void YamlDotNet_is_used_in_one_folder() =>
        Assert.Empty(Offenders(Edges, (file, import) => import.StartsWith("YamlDotNet", StringComparison.Ordinal) && file.Folder != "RuleFiles"));

    // The runtime's cryptography is OpenSSL's, which small machines and containers do not have: what needs it fails there, at its first use.
    [Fact]
    public void The_daemon_and_its_command_need_no_OpenSSL() =>
        Assert.Empty(Offenders(Edges, (_, import) => import.StartsWith("System.Security.Cryptography", StringComparison.Ordinal)).Concat(Offenders(Core, (_, import) => import.StartsWith("System.Security.Cryptography", StringComparison.Ordinal))));

    [Fact]
    public void The_client_library_has_no_dependencies() =>
        Assert.Empty(Offenders("src/UeventManager.Client", (_, import) => !import.StartsWith("System", StringComparison.Ordinal) && import != "Microsoft.Win32.SafeHandles"));

    [Fact]
    public void Libc_is_declared_in_one_place() =>
        Assert.Equal(["src/UeventManager/Netlink/LinuxApi.cs"], SourceTree.Files("src").Where(f => f.Code.Any(l => l.Contains("Import(", StringComparison.Ordinal) && l.Contains('[') && (l.Contains("LibraryImport", StringComparison.Ordinal) || l.Contains("DllImport", StringComparison.Ordinal)))).Select(f => f.Path));

    [Fact]
    public void Only_the_edges_next_to_libc_are_unsafe() =>
        Assert.Empty(SourceTree.Files("src").Where(f => f.Folder is not ("Netlink" or "Sysfs" or "Systemd" or "Handover") && f.Code.Any(l => l.Contains("unsafe ", StringComparison.Ordinal))).Select(f => f.Path));

    private static IEnumerable<string> Offenders(string folder, Func<SourceFile, string, bool> isWrong) =>
        SourceTree.Files(folder).SelectMany(f => f.Imports.Where(i => isWrong(f, i)).Select(i => $"{f.Path}: {i}"));

    // What stands in no sub-folder is everybody's, or wires them.
    private static IEnumerable<string> InOrder(string folder, string prefix, string[] order) =>
        SourceTree.Files(folder).Where(f => f.Path.Count(c => c == '/') == folder.Count(c => c == '/') + 2)
            .SelectMany(f => f.Imports.Append(prefix + FolderOf(f)).Where(i => i.StartsWith(prefix, StringComparison.Ordinal) && !Array.Exists(order[..(Array.IndexOf(order, FolderOf(f)) + 1)], before => i == prefix + before)).Select(i => $"{f.Path}: {i}"));

    private static string FolderOf(SourceFile file) => file.Path.Split('/')[^2];

    private static bool IsBelow(string import, string name) => import == name || import.StartsWith(name + ".", StringComparison.Ordinal);

    private static string? CoreFolder(string import) =>
        import.StartsWith("UeventManager.Core.", StringComparison.Ordinal) ? import["UeventManager.Core.".Length..] : null;

    private static string? EdgeFolder(string import) =>
        import.StartsWith("UeventManager.", StringComparison.Ordinal) && EdgeFolders.Contains(import["UeventManager.".Length..]) ? import["UeventManager.".Length..] : null;
}
