using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace UeventManager.Daemon.Start;

/// <summary>
/// Options with known values. They are not configured, validated or watched, for which the container would create some dozens of generic types at
/// each start.
/// </summary>
internal sealed class FixedOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(T value)
    : IOptions<T>, IOptionsMonitor<T>
    where T : class
{
    public T Value => value;

    public T CurrentValue => value;

    /// <summary>Adds the options in both forms that services request.</summary>
    public static void AddTo(IServiceCollection services, T value)
    {
        var options = new FixedOptions<T>(value);
        services.AddSingleton<IOptions<T>>(options);
        services.AddSingleton<IOptionsMonitor<T>>(options);
    }

    public T Get(string? name) => value;

    public IDisposable? OnChange(Action<T, string?> listener) => null;
}
