namespace UeventManager.Varlink;

/// <summary>Called with the events of a socket, on the polling thread.</summary>
/// <param name="events">At least one event.</param>
internal delegate void PollCallback(PollEvents events);

/// <summary>
/// The loop that drives every socket of the server: level-triggered, like epoll without EPOLLET. All members must be called on its own thread, also
/// from inside a callback.
/// </summary>
internal interface IPoller
{
    /// <summary>Watches a socket. The caller keeps the descriptor.</summary>
    /// <param name="descriptor">A non-blocking socket that is not watched yet.</param>
    /// <param name="interest">The events to report; <see cref="PollEvents.HangUp"/> is always reported.</param>
    /// <param name="ready">Called once in each wake-up with all events of the socket.</param>
    void Add(int descriptor, PollEvents interest, PollCallback ready);

    /// <summary>Replaces the events to report, from the next wake-up on.</summary>
    /// <param name="descriptor">A watched socket.</param>
    /// <param name="interest">The events to report.</param>
    void Change(int descriptor, PollEvents interest);

    /// <summary>Forgets a socket. Its callback is not called again, not even for an event of the wake-up being handled.</summary>
    /// <param name="descriptor">A watched socket that is still open.</param>
    void Remove(int descriptor);
}
