using System.Collections.Immutable;
using UeventManager.Client;
using UeventManager.Commands.Acting;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Acting;

/// <summary>A cursor file is read as it was written, or refused.</summary>
public sealed class CursorFileTests : IDisposable
{
    private const string Header = "{\"version\":1,\"boot\":\"\",\"cursor\":\"a\",\"devices\":1}\n";
    private readonly RuleScratch _scratch = new();

    private string File => _scratch.Root + "/cursor";

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_cursor_file_reads_as_it_was_written()
    {
        UeventDevice device = ActionTestEvents.Device("/devices/ä\"\n", ("KEY", "a\u0001\\x")) with { Missing = ["x"], Links = new Dictionary<string, string> { ["driver"] = "/bus/x" } };
        using (var file = CursorFile.Open(File))
        {
            Assert.Null(file.Devices);
            file.Write("old", ImmutableDictionary<string, UeventDevice>.Empty, static () => []);
            file.Write("a-1", new[] { device }.ToImmutableDictionary(static one => one.DevPath), static () => [ActionTestEvents.Device("/devices/begun")]);
            file.Begin(ActionTestEvents.Device("/devices/later"));
        }
        // What a kill cut off was not begun.
        System.IO.File.AppendAllText(File, "{\"devpath\":\"/devices/cut");
        using var again = CursorFile.Open(File);
        Assert.Equal(("a-1", false), (again.Cursor, again.IsOtherBoot));
        Assert.True(DeviceContent.IsSame(device, again.Devices!["/devices/ä\"\n"]));
        Assert.Equal(["/devices/begun", "/devices/later"], again.Begun.Order());
        Assert.Equal(3, again.Devices!.Count);
        Assert.False(System.IO.File.Exists(File + "~"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("garbage")]
    [InlineData("{\"version\":2,\"boot\":\"\",\"cursor\":\"a\",\"devices\":0}")]
    [InlineData("null")]
    [InlineData("{\"version\":1,\"boot\":null,\"cursor\":\"a\",\"devices\":0}\n")]
    [InlineData("{\"version\":1,\"boot\":\"\",\"cursor\":\"a\",\"devices\":-1}\n")]
    [InlineData("{\"version\":1,\"boot\":\"\",\"cursor\":\"a\",\"devices\":1}\n")]
    [InlineData("{\"version\":1,\"boot\":\"\",\"cursor\":\"\\ud800\",\"devices\":0}\n")]
    [InlineData(Header + "null\n")]
    [InlineData(Header + "{}\n")]
    [InlineData(Header + "{\"devpath\":null,\"subsystem\":\"net\",\"sysname\":\"x\",\"settled\":true,\"properties\":{}}\n")]
    [InlineData(Header + "{\"devpath\":\"x\",\"subsystem\":\"net\",\"sysname\":\"x\",\"settled\":true,\"properties\":{}}\n")]
    [InlineData(Header + "{\"devpath\":\"/devices/x\",\"subsystem\":null,\"sysname\":\"x\",\"settled\":true,\"properties\":{}}\n")]
    [InlineData(Header + "{\"devpath\":\"/devices/x\",\"subsystem\":\"net\",\"sysname\":null,\"settled\":true,\"properties\":{}}\n")]
    [InlineData(Header + "{\"devpath\":\"/devices/x\",\"subsystem\":\"net\",\"sysname\":\"x\",\"settled\":true,\"properties\":null}\n")]
    [InlineData(Header + "{\"devpath\":\"/devices/x\",\"subsystem\":\"net\",\"sysname\":\"x\",\"settled\":true,\"properties\":{\"A\":null}}\n")]
    [InlineData(Header + "{\"devpath\":\"/devices/x\",\"subsystem\":\"net\",\"sysname\":\"x\",\"settled\":true,\"properties\":{},\"links\":{\"A\":null}}\n")]
    [InlineData(Header + "{\"devpath\":\"/devices/x\",\"subsystem\":\"net\",\"sysname\":\"x\",\"settled\":true,\"properties\":{},\"missing\":[null]}\n")]
    public void A_damaged_or_foreign_cursor_file_is_refused_and_unchanged(string content)
    {
        System.IO.File.WriteAllText(File, content);
        Assert.Contains("remove it to start afresh", Assert.Throws<IOException>(() => CursorFile.Open(File)).Message, StringComparison.Ordinal);
        Assert.Equal(content, System.IO.File.ReadAllText(File));
        Assert.Equal([File], Directory.GetFiles(_scratch.Root));
    }

    [Fact]
    public void A_cursor_or_a_line_longer_than_ours_can_be_is_refused()
    {
        foreach (string content in new[] { Header.Replace("\"a\"", $"\"{new string('x', 2_000_000)}\"", StringComparison.Ordinal), new string(' ', CursorReader.MaxLine + 1) + Header })
        {
            System.IO.File.WriteAllText(File, content);
            Assert.Contains("not a cursor file", Assert.Throws<IOException>(() => CursorFile.Open(File)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Started_runs_are_read_after_a_cut_line_too()
    {
        System.IO.File.WriteAllText(File, Header.Replace(":1}", ":0}", StringComparison.Ordinal) + "{\"devpath\":\"/devices/cu");
        using (var file = CursorFile.Open(File))
            file.Begin(ActionTestEvents.Device("/devices/a"));
        using (var file = CursorFile.Open(File))
        {
            Assert.Equal(["/devices/a"], file.Begun);
            file.Begin(ActionTestEvents.Device("/devices/b"));
        }
        using var last = CursorFile.Open(File);
        Assert.Equal(["/devices/a", "/devices/b"], last.Begun.Order());
    }

    [Fact]
    public void A_path_that_is_not_a_replaceable_file_is_refused_at_once()
    {
        Assert.Equal($"{_scratch.Root}: a directory (name a file)", Assert.Throws<IOException>(() => CursorFile.Open(_scratch.Root)).Message);
        Assert.Equal($"{_scratch.Root}/no/dir: no such directory (create it first)", Assert.Throws<IOException>(() => CursorFile.Open(_scratch.Root + "/no/dir/x")).Message);
        Assert.Contains("not a regular file", Assert.Throws<IOException>(() => CursorFile.Open("/dev/null")).Message, StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(_scratch.Root + ".lock") || System.IO.File.Exists("/dev/null.lock"));
    }

    [Fact]
    public void A_cursor_file_of_another_boot_is_recognised()
    {
        System.IO.File.WriteAllText(File, "{\"version\":1,\"boot\":\"another\",\"cursor\":\"a\",\"devices\":0}\n");
        using var file = CursorFile.Open(File);
        Assert.True(file.IsOtherBoot);
    }

    [Fact]
    public void Only_one_process_at_a_time_uses_a_cursor_file()
    {
        using var file = CursorFile.Open(File);
        Assert.Contains("another process", Assert.Throws<IOException>(() => CursorFile.Open(File)).Message, StringComparison.Ordinal);
        Assert.Contains("no such directory", Assert.Throws<IOException>(() => CursorFile.Open(_scratch.Root + "/nowhere/x")).Message, StringComparison.Ordinal);
    }
}
