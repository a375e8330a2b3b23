using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace UeventManager.Fleet;

/// <summary>Registers a fleet with a container.</summary>
public static class FleetServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="FleetClient"/>, and a <see cref="FleetTable"/> that the host must run.</summary>
    /// <param name="services">The services.</param>
    /// <param name="options">How to reach the broker.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddUeventFleet(this IServiceCollection services, FleetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(_ => new FleetClient(options ?? new FleetOptions()));
        services.TryAddSingleton<FleetTable>();
        return services;
    }
}
