namespace UeventManager.KernelTests.Scenarios;

/// <summary>A lock that is taken in turn: of two threads in a loop neither keeps the other out, so that they meet between any two steps.</summary>
internal sealed class TurnLock
{
    private readonly object _gate = new();
    private long _next;
    private long _turn;

    public Turn Take()
    {
        lock (_gate)
        {
            var mine = _next++;
            while (_turn != mine)
                Monitor.Wait(_gate);
        }

        return new Turn(this);
    }

    private void End()
    {
        lock (_gate)
        {
            _turn++;
            Monitor.PulseAll(_gate);
        }
    }

    internal readonly struct Turn(TurnLock owner) : IDisposable
    {
        public void Dispose() => owner.End();
    }
}
