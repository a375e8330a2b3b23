using System.Text.RegularExpressions;

namespace UeventManager.Tests.House;

/// <summary>Habits that reviews forget.</summary>
public sealed partial class TidyTests
{
    private const int MaxLines = 300;

    // A clock, a thread or a file in the core would make its simulator unrepeatable.
    private static readonly string[] Impure =
        ["DateTime.", "Stopwatch", "Task.Delay", "Thread.", "File.", "Directory.", "Environment.", "ILogger", "Console.", "Random.Shared", "Guid.NewGuid", "lock ("];

    [Fact]
    public void No_file_is_longer_than_its_limit() =>
        Assert.Empty(SourceTree.Files("src", "tests").Where(f => f.Lines.Length > MaxLines).Select(f => $"{f.Path}: {f.Lines.Length} lines"));

    [Fact]
    public void The_core_has_no_clock_no_thread_and_no_files() =>
        Assert.Empty(SourceTree.Files("src/UeventManager.Core").SelectMany(f => f.Code.Where(l => Impure.Any(w => Uses(l, w))).Select(l => $"{f.Path}: {l.Trim()}")));

    [Fact]
    public void The_source_has_no_marks_of_unfinished_work() =>
        Assert.Empty(SourceTree.Files("src").SelectMany(f => f.Lines.Where(l => new[] { "TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Exception" }.Any(w => l.Contains(w, StringComparison.Ordinal))).Select(l => $"{f.Path}: {l.Trim()}")));

    // A new line then has one place, and the difference shows only what was added.
    [Fact]
    public void The_lists_of_public_members_are_sorted()
    {
        string[] lists = Directory.GetFiles(Path.Combine(SourceTree.Root, "src"), "PublicAPI.Unshipped.txt", SearchOption.AllDirectories);
        Assert.Equal(3, lists.Length);
        Assert.All(lists, list => Assert.Equal(File.ReadLines(list).Skip(1).Order(StringComparer.Ordinal), File.ReadLines(list).Skip(1)));
    }

    [Fact]
    public void No_test_waits_for_a_fixed_time() =>
        Assert.Empty(SourceTree.Files("tests").SelectMany(f => f.Code.Where(l => l.Contains("Thread." + "Sleep", StringComparison.Ordinal) || l.Contains("Task." + "Delay(", StringComparison.Ordinal)).Select(l => $"{f.Path}: {l.Trim()}")));

    [Fact]
    public void No_deadline_of_a_test_is_made_for_one_machine() =>
        Assert.Empty(SourceTree.Files("tests/UeventManager.Tests", "tests/UeventManager.KernelTests").SelectMany(f => f.Code.Where(l => FixedDeadline().IsMatch(l)).Select(l => $"{f.Path}: {l.Trim()}")));

    [Fact]
    public void No_method_is_async_void() =>
        Assert.Empty(SourceTree.Files("src").SelectMany(f => f.Code.Where(l => l.Contains("async void", StringComparison.Ordinal)).Select(l => $"{f.Path}: {l.Trim()}")));

    // Nobody references an executable, and the compiler warns of unused members only where nobody could.
    [Fact]
    public void The_executable_has_no_public_types() =>
        Assert.Empty(SourceTree.Files("src/UeventManager").SelectMany(f => f.Code.Where(l => l.StartsWith("public ", StringComparison.Ordinal)).Select(l => $"{f.Path}: {l.Trim()}")));

    // What waits or measures takes its time from TestTime (or Deadline, which does), because that grows with the machine's slowness.
    [GeneratedRegex(@"(CancelAfter|\.WaitAsync|WaitForExit)\((TimeSpan\.|[0-9])|\.Wait\(TimeSpan\.|SpinUntil\(.*TimeSpan\.From|Elapsed.*< *(TimeSpan\.From|[0-9])|ReceiveTimeout = [0-9]")]
    private static partial Regex FixedDeadline();

    private static bool Uses(string line, string word)
    {
        var at = line.IndexOf(word, StringComparison.Ordinal);
        return at >= 0 && (at == 0 || !char.IsLetterOrDigit(line[at - 1]));
    }
}
