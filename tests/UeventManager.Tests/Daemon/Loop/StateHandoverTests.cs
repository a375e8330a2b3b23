using UeventManager.Core.Dispatch;
using UeventManager.Core.Engine;
using UeventManager.Core.Rules;
using UeventManager.Daemon;
using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;
using UeventManager.Handover;

namespace UeventManager.Tests.Daemon.Loop;

/// <summary>Cursors continue over an orderly restart; a state that was used before, or is another machine's, is refused.</summary>
public sealed class StateHandoverTests : IDisposable
{
    private static readonly HandoverPlace Here = new("boot", "net", "tree");
    private readonly string _directory = Directory.CreateTempSubdirectory("uem-state-").FullName;
    private readonly SeenLog _log = new();

    private string State => Path.Combine(_directory, "socket.state");

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_next_run_restores_the_state_the_drop_count_and_the_cursor()
    {
        var cursor = Run(seqnum: 5, drops: 3);
        var (next, publisher) = Begin(seqnum: 5);
        Assert.Equal((true, 3u), (next.IsRestored, next.Drops));
        Assert.Equal(cursor, publisher.LastCursor);
    }

    [Fact]
    public void A_state_file_is_used_once()
    {
        Run(seqnum: 5);
        Assert.True(Begin(seqnum: 5).Handover.IsRestored);
        Assert.False(Begin(seqnum: 5).Handover.IsRestored);
    }

    [Fact]
    public void A_start_that_fails_leaves_the_hand_over_for_the_next_one()
    {
        var cursor = Run(seqnum: 5, drops: 3);
        Begin(seqnum: 5).Handover.PutBack();
        var (next, publisher) = Begin(seqnum: 5);
        Assert.Equal((true, 3u), (next.IsRestored, next.Drops));
        Assert.Equal(cursor, publisher.LastCursor);
    }

    [Fact]
    public void Once_the_run_has_begun_the_hand_over_is_not_put_back()
    {
        Run(seqnum: 5);
        var handover = Begin(seqnum: 5).Handover;
        handover.IsUsed();
        handover.PutBack();
        Assert.False(File.Exists(State));
    }

    [Theory]
    [InlineData(6)]
    [InlineData(SeqnumFile.Unknown)]
    public void Uevents_that_may_have_been_missed_end_every_cursor(long seqnum)
    {
        var cursor = Run(seqnum: 5);
        var (next, publisher) = Begin(seqnum);
        Assert.True(next.IsRestored);
        Assert.NotEqual(cursor, publisher.LastCursor);
    }

    [Fact]
    public void A_socket_that_stayed_open_missed_nothing_whatever_the_sequence_numbers_are()
    {
        var cursor = Run(seqnum: 5, socket: 77);
        Assert.Equal(cursor, Begin(seqnum: 9, socket: 77).Publisher.LastCursor);
    }

    [Fact]
    public void A_hand_over_of_another_place_is_refused_and_logged()
    {
        Run(seqnum: 5);
        var (next, _) = Begin(seqnum: 5, place: Here with { Network = "other" });
        Assert.False(next.IsRestored);
        Assert.Contains(_log.Lines, line => line.Contains(State, StringComparison.Ordinal));
    }

    [Fact]
    public void Before_the_first_state_is_known_there_is_nothing_to_hand_over()
    {
        var (handover, publisher) = Begin(seqnum: 5);
        publisher.IsOpen = false;
        handover.Save(new UeventEngine(RuleSet.Empty), publisher, 0, new ListeningPlace(0, 5));
        Assert.False(File.Exists(State));
    }

    private Cursor Run(long seqnum, uint drops = 0, ulong socket = 0)
    {
        var handover = new StateHandover(State, null, new DaemonLog(_log));
        var (engine, publisher) = handover.Begin(RuleSet.Empty, Here, new ListeningPlace(socket, seqnum));
        publisher.IsOpen = true;
        handover.IsUsed();
        handover.Save(engine, publisher, drops, new ListeningPlace(socket, seqnum));
        return publisher.LastCursor;
    }

    private (StateHandover Handover, Publisher Publisher) Begin(long seqnum, ulong socket = 0, HandoverPlace? place = null)
    {
        var handover = new StateHandover(State, null, new DaemonLog(_log));
        var (_, publisher) = handover.Begin(RuleSet.Empty, place ?? Here, new ListeningPlace(socket, seqnum));
        publisher.IsOpen = true;
        return (handover, publisher);
    }
}
