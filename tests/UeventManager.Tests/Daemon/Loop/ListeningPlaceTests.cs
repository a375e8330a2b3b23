using UeventManager.Daemon.Edge;
using UeventManager.Daemon.Loop;

namespace UeventManager.Tests.Daemon.Loop;

/// <summary>A loss that is not recognised would lose events silently, and a false one would make every restart a gap.</summary>
public sealed class ListeningPlaceTests
{
    private const long Unknown = SeqnumFile.Unknown;

    [Theory]
    [InlineData(1, 5, 1, 9, false)] // The socket was kept.
    [InlineData(1, Unknown, 1, Unknown, false)]
    [InlineData(1, 5, 2, 5, false)] // Nothing was sent.
    [InlineData(1, 5, 2, 6, true)]
    [InlineData(0, 5, 0, 6, true)] // A kernel that cannot tell sockets apart.
    [InlineData(0, 5, 0, 5, false)]
    [InlineData(1, Unknown, 2, Unknown, true)]
    [InlineData(1, 5, 2, Unknown, true)]
    [InlineData(1, Unknown, 2, 5, true)]
    public void A_socket_that_stayed_open_or_an_unchanged_number_means_no_loss(ulong endSocket, long end, ulong startSocket, long start, bool mayHaveMissed) =>
        Assert.Equal(mayHaveMissed, new ListeningPlace(startSocket, start).MayHaveMissed(new ListeningPlace(endSocket, end)));
}
