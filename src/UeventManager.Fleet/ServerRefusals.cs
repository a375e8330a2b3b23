using NATS.Client.Core;

namespace UeventManager.Fleet;

/// <summary>
/// What the server forbids on a connection. It says so beside the request, which gets no answer: who does not listen waits until the request times out, and never
/// learns why.
/// </summary>
internal sealed class ServerRefusals : IDisposable
{
    private readonly NatsConnection _nats;
    private readonly CancellationTokenSource _refused;
    private volatile FleetForbiddenException? _first;

    /// <summary>Listens.</summary>
    /// <param name="nats">The connection.</param>
    /// <param name="cancellationToken">Trips <see cref="Token"/> too.</param>
    public ServerRefusals(NatsConnection nats, CancellationToken cancellationToken)
    {
        (_nats, _refused) = (nats, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));
        nats.ServerError += OnError;
    }

    /// <summary>Trips as soon as something is refused.</summary>
    public CancellationToken Token => _refused.Token;

    /// <summary>What was; null if nothing was.</summary>
    public FleetForbiddenException? First => _first;

    /// <summary>Runs something that <see cref="Token"/> ends.</summary>
    /// <exception cref="FleetForbiddenException">The server forbids it.</exception>
    public async Task GuardAsync(Func<CancellationToken, Task> body)
    {
        try
        {
            await body(Token).ConfigureAwait(false);
        }
        catch (Exception) when (_first is not null)
        {
            throw _first;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _nats.ServerError -= OnError;
        _refused.Dispose();
    }

    private ValueTask OnError(object? sender, NatsServerErrorEventArgs told)
    {
        if (_first is null && Parse(told.Error) is { } refused)
        {
            _first = refused;
            try
            {
                _refused.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It is over.
            }
        }
        return default;
    }

    // 'Permissions Violation for Publish to "SUBJECT"', 'Permissions Violation for Subscription to "SUBJECT" [using queue "Q"]'
    private static FleetForbiddenException? Parse(string error) =>
        error.Contains("Permissions Violation", StringComparison.OrdinalIgnoreCase) && error.Split('"') is [var before, var subject, ..]
            ? new FleetForbiddenException(subject, before.Contains("Subscription", StringComparison.OrdinalIgnoreCase)) : null;
}
