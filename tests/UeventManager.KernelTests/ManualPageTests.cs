using UeventManager.KernelTests.Harness;

namespace UeventManager.KernelTests;

/// <summary>A page that a formatter complains of is shown wrong to somebody.</summary>
public sealed class ManualPageTests
{
    public static TheoryData<string> Pages { get; } =
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "packaging/man")).Select(page => Path.GetFileName(page)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Man_formats_a_page_without_a_warning(string page)
    {
        // groff knows UTF-8 by the locale, and fills lines differently by the terminal's width.
        var environment = new Dictionary<string, string> { ["LC_ALL"] = "C.UTF-8", ["MANWIDTH"] = "80" };
        using var man = RunningProcess.Start(Requires.Tool("man"), ["--warnings", "--local-file", "-Tutf8", PathOf(page)], environment);
        Assert.Equal((0, ""), (man.WaitForExit(Deadline.Default), man.Error));
        Assert.StartsWith(Path.GetFileNameWithoutExtension(page).ToUpperInvariant() + "(", man.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Mandoc_finds_nothing_to_complain_of(string page)
    {
        using var mandoc = RunningProcess.Start(Requires.Tool("mandoc"), ["-T", "lint", PathOf(page)]);
        // Lines of text that are too long are folded by `make format`.
        Assert.Equal((0, ""), (mandoc.WaitForExit(Deadline.Default), mandoc.Output + mandoc.Error));
    }

    private static string PathOf(string page) => Path.Combine(Repository.Root, "packaging/man", page);
}
