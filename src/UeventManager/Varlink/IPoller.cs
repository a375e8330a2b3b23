namespace UeventManager.Varlink;

/// <summary>Told what a socket is ready for. Runs on the thread that polls.</summary>
/// <param name="events">At least one event.</param>
internal delegate void PollCallback(PollEvents events);

/// <summary>
/// The loop that drives every socket of the server: level-triggered, as epoll is without EPOLLET. All members are called on its own
/// thread, also from inside a callback.
/// </summary>
internal interface IPoller
{
    /// <summary>Watches a socket. The descriptor stays its owner's.</summary>
    /// <param name="descriptor">A non-blocking socket that is not watched yet.</param>
    /// <param name="interest">What to report; <see cref="PollEvents.HangUp"/> is always reported.</param>
    /// <param name="ready">Called once a wake-up with all that the socket is ready for.</param>
    void Add(int descriptor, PollEvents interest, PollCallback ready);

    /// <summary>Replaces what is asked for, from the next wake-up on.</summary>
    /// <param name="descriptor">A watched socket.</param>
    /// <param name="interest">What to report from now on.</param>
    void Change(int descriptor, PollEvents interest);

    /// <summary>Forgets a socket. Its callback is not called again, not even for an event of the wake-up being handled.</summary>
    /// <param name="descriptor">A watched socket that is still open.</param>
    void Remove(int descriptor);
}
