using UeventManager.Daemon.Edge;

namespace UeventManager.Daemon.Loop;

/// <summary>Where a run begins or ends to listen: with which socket, and how far the kernel had numbered its uevents.</summary>
/// <param name="Socket">The kernel's number of the socket (SO_COOKIE); 0 if it does not tell.</param>
/// <param name="Seqnum">The newest uevent's SEQNUM, or <see cref="SeqnumFile.Unknown"/>.</param>
/// <param name="Udev">The number of the socket for udevd's broadcasts; 0 if there is none, or what it has brought was not all used.</param>
internal readonly record struct ListeningPlace(ulong Socket, long Seqnum, ulong Udev = 0)
{
    /// <summary>Whether every broadcast of udevd since the end of a run is heard.</summary>
    /// <param name="end">Where the run before ended.</param>
    public bool HearsAllOfUdev(ListeningPlace end) => Udev != 0 && Udev == end.Udev;

    /// <summary>
    /// Whether uevents may have been sent between the end of a run and the start of this one that nobody heard. A socket that was kept
    /// heard them all, or tells that it lost some. Else the number must not have moved; it is of all network namespaces, so events of
    /// another one look the same.
    /// </summary>
    /// <param name="end">Where the run before ended.</param>
    public bool MayHaveMissed(ListeningPlace end) =>
        (Socket == 0 || Socket != end.Socket) && (Seqnum == SeqnumFile.Unknown || Seqnum != end.Seqnum);
}
