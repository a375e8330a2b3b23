using UeventManager.Varlink;

namespace UeventManager.Daemon.Services;

/// <summary>Holds calls until the first state is known. On the engine's thread.</summary>
internal sealed class ReadyGate
{
    private readonly Queue<(VarlinkCall Call, Action<VarlinkCall> Handler)> _early = new();
    private bool _isOpen;

    /// <summary>A handler whose calls wait until the gate is open.</summary>
    public VarlinkHandler WhenOpen(Action<VarlinkCall> handler) => call =>
    {
        if (_isOpen)
            handler(call);
        else
            _early.Enqueue((call, handler));
    };

    /// <summary>Opens the gate, because the state is known: earlier calls are answered, each in its connection's turn.</summary>
    public void Open()
    {
        _isOpen = true;
        while (_early.TryDequeue(out var early))
        {
            var (call, handler) = early;
            if (!call.IsFinished)
                call.Work(() => Answer(call, handler));
        }
    }

    private static bool Answer(VarlinkCall call, Action<VarlinkCall> handler)
    {
        handler(call);
        return true;
    }
}
