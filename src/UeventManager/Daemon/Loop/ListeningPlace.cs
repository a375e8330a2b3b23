using UeventManager.Daemon.Edge;

namespace UeventManager.Daemon.Loop;

/// <summary>The place at which a run begins or ends to listen: its socket, and the kernel's SEQNUM.</summary>
/// <param name="Socket">The kernel's number of the socket (SO_COOKIE); 0 if it has none.</param>
/// <param name="Seqnum">The newest uevent's SEQNUM, or <see cref="SeqnumFile.Unknown"/>.</param>
/// <param name="Udev">The number of the socket for udevd's broadcasts; 0 if there is none, or not all its broadcasts were used.</param>
internal readonly record struct ListeningPlace(ulong Socket, long Seqnum, ulong Udev = 0)
{
    /// <summary>Whether every broadcast of udevd since the end of a run is received.</summary>
    /// <param name="end">The previous run's end.</param>
    public bool HearsAllOfUdev(ListeningPlace end) => Udev != 0 && Udev == end.Udev;

    /// <summary>
    /// Whether uevents between the end of a run and the start of this one may have been missed. A kept socket has received them all, or reports a
    /// loss. Otherwise the SEQNUM must not have changed; it is common to all network namespaces, so events of another one look the same.
    /// </summary>
    /// <param name="end">The previous run's end.</param>
    public bool MayHaveMissed(ListeningPlace end) =>
        (Socket == 0 || Socket != end.Socket) && (Seqnum == SeqnumFile.Unknown || Seqnum != end.Seqnum);
}
