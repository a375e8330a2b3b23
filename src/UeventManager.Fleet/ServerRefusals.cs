using NATS.Client.Core;

namespace UeventManager.Fleet;

/// <summary>
/// The permission errors of a connection. The server reports them apart from the request, which gets no answer: without listening, a caller waits
/// until the request times out and never learns the reason.
/// </summary>
internal sealed class ServerRefusals : IDisposable
{
    private readonly NatsConnection _nats;
    private readonly CancellationTokenSource _refused;
    private volatile FleetForbiddenException? _first;

    /// <summary>Starts to listen.</summary>
    /// <param name="nats">The connection.</param>
    /// <param name="cancellationToken">Also cancels <see cref="Token"/>.</param>
    public ServerRefusals(NatsConnection nats, CancellationToken cancellationToken)
    {
        (_nats, _refused) = (nats, CancellationTokenSource.CreateLinkedTokenSource(cancellationToken));
        nats.ServerError += OnError;
    }

    /// <summary>Canceled as soon as the server refuses something.</summary>
    public CancellationToken Token => _refused.Token;

    /// <summary>The first refusal; null if there is none.</summary>
    public FleetForbiddenException? First => _first;

    /// <summary>Runs a body that ends when <see cref="Token"/> is canceled.</summary>
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
                // The guarded call has ended already.
            }
        }
        return default;
    }

    // 'Permissions Violation for Publish to "SUBJECT"', 'Permissions Violation for Subscription to "SUBJECT" [using queue "Q"]'
    private static FleetForbiddenException? Parse(string error) =>
        error.Contains("Permissions Violation", StringComparison.OrdinalIgnoreCase) && error.Split('"') is [var before, var subject, ..]
            ? new FleetForbiddenException(subject, before.Contains("Subscription", StringComparison.OrdinalIgnoreCase)) : null;
}
