using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace UeventManager.Daemon.Start;

/// <summary>
/// Options that are known when the services are listed. Nothing of them is configured, validated or watched, which the container would
/// make some dozens of generic types for at each start.
/// </summary>
internal sealed class FixedOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(T value)
    : IOptions<T>, IOptionsMonitor<T>
    where T : class
{
    public T Value => value;

    public T CurrentValue => value;

    /// <summary>Adds them in both forms that services ask for.</summary>
    public static void AddTo(IServiceCollection services, T value)
    {
        var options = new FixedOptions<T>(value);
        services.AddSingleton<IOptions<T>>(options);
        services.AddSingleton<IOptionsMonitor<T>>(options);
    }

    public T Get(string? name) => value;

    public IDisposable? OnChange(Action<T, string?> listener) => null;
}
