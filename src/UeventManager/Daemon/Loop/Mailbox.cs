namespace UeventManager.Daemon.Loop;

/// <summary>What other threads want done on the engine's thread.</summary>
/// <param name="wake">Wakes that thread.</param>
internal sealed class Mailbox(Action wake)
{
    private readonly Queue<Action> _requests = new();

    /// <summary>Asks for something to be done. From any thread.</summary>
    public void Post(Action request)
    {
        lock (_requests)
            _requests.Enqueue(request);
        wake();
    }

    /// <summary>Does what was asked for until now. On the engine's thread.</summary>
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
