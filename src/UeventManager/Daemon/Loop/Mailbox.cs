namespace UeventManager.Daemon.Loop;

/// <summary>Requests of other threads to the engine's thread.</summary>
/// <param name="wake">Wakes that thread.</param>
internal sealed class Mailbox(Action wake)
{
    private readonly Queue<Action> _requests = new();

    /// <summary>Adds a request. May be called from any thread.</summary>
    public void Post(Action request)
    {
        lock (_requests)
            _requests.Enqueue(request);
        wake();
    }

    /// <summary>Carries out the requests so far, on the engine's thread.</summary>
    public void Take()
    {
        while (true)
        {
            Action? request;
            lock (_requests)
                _requests.TryDequeue(out request);
            if (request is null)
                return;
            request();
        }
    }
}
