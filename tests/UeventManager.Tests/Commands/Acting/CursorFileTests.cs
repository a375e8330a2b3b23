using System.Collections.Immutable;
using UeventManager.Client;
using UeventManager.Commands.Acting;
using UeventManager.Tests.RuleFiles;

namespace UeventManager.Tests.Commands.Acting;

/// <summary>What is noted must be read again as it was, or not be believed.</summary>
public sealed class CursorFileTests : IDisposable
{
    private readonly RuleScratch _scratch = new();

    private string File => _scratch.Root + "/cursor";

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void It_is_read_as_it_was_written()
    {
        UeventDevice device = ActionTestEvents.Device("/devices/ä\"\n", ("KEY", "a\u0001\\x")) with { Missing = ["x"], Links = new Dictionary<string, string> { ["driver"] = "/bus/x" } };
        using (var file = CursorFile.Open(File))
        {
            Assert.Null(file.Devices);
            file.Write("old", ImmutableDictionary<string, UeventDevice>.Empty, static () => []);
            file.Write("a-1", new[] { device }.ToImmutableDictionary(static one => one.Devpath), static () => [ActionTestEvents.Device("/devices/begun")]);
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
    [InlineData("{\"version\":1,\"boot\":\"\",\"cursor\":\"a\",\"devices\":1}\n")]
    public void One_that_is_damaged_is_refused(string content)
    {
        System.IO.File.WriteAllText(File, content);
        Assert.Contains("remove it to begin anew", Assert.Throws<IOException>(() => CursorFile.Open(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_another_boot_says_so()
    {
        System.IO.File.WriteAllText(File, "{\"version\":1,\"boot\":\"another\",\"cursor\":\"a\",\"devices\":0}\n");
        using var file = CursorFile.Open(File);
        Assert.True(file.IsOtherBoot);
    }

    [Fact]
    public void It_is_used_by_one_at_a_time()
    {
        using var file = CursorFile.Open(File);
        Assert.Contains("another process", Assert.Throws<IOException>(() => CursorFile.Open(File)).Message, StringComparison.Ordinal);
        Assert.Contains("no such directory", Assert.Throws<IOException>(() => CursorFile.Open(_scratch.Root + "/nowhere/x")).Message, StringComparison.Ordinal);
    }
}
