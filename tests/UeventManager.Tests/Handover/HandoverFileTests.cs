using UeventManager.Handover;

namespace UeventManager.Tests.Handover;

/// <summary>A state of another program, a damaged one or one of another machine is refused: subscribers get a gap instead.</summary>
public sealed class HandoverFileTests : IDisposable
{
    private static readonly HandoverPlace Here = new("boot", "net", "tree");
    private readonly string _directory = Directory.CreateTempSubdirectory("uem-handover-").FullName;

    private string State => Path.Combine(_directory, "socket.state");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_hand_over_file_is_read_once()
    {
        WriteNumbers(Here);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(State));
        Assert.Null(HandoverFile.TakeOver(State, out var stream));
        using (stream)
        {
            Assert.Null(HandoverFormat.Read(stream!, Here, out var snapshot));
            for (var i = 0; i < 100_000; i++)
                Assert.Equal(i, snapshot!.Number());
            snapshot!.End();
        }
        Assert.Null(HandoverFile.TakeOver(State, out var again));
        Assert.Null(again);
        Assert.Empty(Directory.GetFiles(_directory));
    }

    [Theory]
    [InlineData("other", "net", "tree", "boot")]
    [InlineData("boot", "other", "tree", "namespace")]
    [InlineData("boot", "net", "other", "sysfs")]
    public void A_hand_over_of_another_boot_namespace_or_sysfs_is_refused(string boot, string network, string tree, string why)
    {
        WriteNumbers(new HandoverPlace(boot, network, tree));
        Assert.Contains(why, Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_boot_id_every_hand_over_is_refused()
    {
        WriteNumbers(new HandoverPlace("", "net", "tree"));
        Assert.Contains("boot", Refusal(new HandoverPlace("", "net", "tree")), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_changed_bit_and_any_missing_byte_is_noticed()
    {
        WriteNumbers(Here, 1000);
        var good = File.ReadAllBytes(State);
        File.Delete(State);
        var random = new Random(5);
        for (var i = 0; i < 500; i++)
        {
            var bad = good.ToArray();
            bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            using var flipped = new MemoryStream(bad);
            Assert.NotNull(HandoverFormat.Read(flipped, Here, out _));
            using var cut = new MemoryStream(good[..random.Next(good.Length)]);
            Assert.NotNull(HandoverFormat.Read(cut, Here, out _));
        }
        using var whole = new MemoryStream(good);
        Assert.Null(HandoverFormat.Read(whole, Here, out _));
    }

    [Fact]
    public void An_unknown_format_is_refused_by_its_version()
    {
        WriteNumbers(Here);
        using (var file = new FileStream(State, FileMode.Open))
        {
            file.Position = 8;
            file.WriteByte(99);
        }
        Assert.Contains("99", Refusal(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_other_users_may_open_is_refused()
    {
        WriteNumbers(Here);
        File.SetUnixFileMode(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Contains("other users", HandoverFile.TakeOver(State, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void A_symlink_a_directory_and_a_pipe_are_refused()
    {
        WriteNumbers(Here);
        File.Move(State, State + "-elsewhere");
        File.CreateSymbolicLink(State, State + "-elsewhere");
        Assert.NotNull(HandoverFile.TakeOver(State, out _));
        File.Delete(State);
        Directory.CreateDirectory(State);
        Assert.NotNull(HandoverFile.TakeOver(State, out _));
    }

    [Fact]
    public void A_consumed_hand_over_is_invalid_for_another_process_that_has_it_open()
    {
        using var memory = HandoverFile.InMemory("test");
        HandoverFormat.Write(memory, Here, snapshot => snapshot.Number(7));
        Assert.Null(HandoverFormat.Read(memory, Here, out _));
        HandoverFormat.Spoil(memory);
        Assert.Contains("not a hand-over", HandoverFormat.Read(memory, Here, out _), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_write_leaves_only_the_previous_file()
    {
        WriteNumbers(Here);
        Assert.Throws<IOException>(() => HandoverFile.Write(State, _ => throw new IOException("disk full")));
        Assert.Equal([State], Directory.GetFiles(_directory));
        Assert.Null(HandoverFile.TakeOver(State, out var stream));
        stream!.Dispose();
    }

    private void WriteNumbers(HandoverPlace place, int count = 100_000) => HandoverFile.Write(State, stream => HandoverFormat.Write(stream, place, snapshot =>
    {
        for (var i = 0; i < count; i++)
            snapshot.Number(i);
    }));

    private string Refusal(HandoverPlace? place = null)
    {
        Assert.Null(HandoverFile.TakeOver(State, out var stream));
        using (stream)
            return HandoverFormat.Read(stream!, place ?? Here, out _) ?? throw new InvalidOperationException("it was believed");
    }
}
