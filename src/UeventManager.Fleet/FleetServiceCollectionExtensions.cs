using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace UeventManager.Fleet;

/// <summary>Registers a fleet in a service collection.</summary>
public static class FleetServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="FleetClient"/>, and a <see cref="FleetTable"/> whose <see cref="FleetTable.RunAsync"/> the application must call.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="options">The broker and the credentials.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddUeventFleet(this IServiceCollection services, FleetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(_ => new FleetClient(options ?? new FleetOptions()));
        services.TryAddSingleton<FleetTable>();
        return services;
    }
}
