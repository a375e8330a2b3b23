using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace UeventManager.Client.Hosting;

/// <summary>Registers the client in a service collection.</summary>
public static class UeventClientServiceCollectionExtensions
{
    /// <summary>Adds a <see cref="UeventClient"/> that connects at its first use.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; null for the defaults.</param>
    /// <returns>The same services.</returns>
    /// <example>
    /// <code>
    /// builder.Services.AddUeventClient().AddUeventHandler&lt;Inventory&gt;(new DeviceFilter { Subsystems = ["net"] });
    /// </code>
    /// </example>
    public static IServiceCollection AddUeventClient(this IServiceCollection services, Action<UeventClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions();
        if (configure is not null)
            services.Configure(configure);
        services.TryAddSingleton(static provider => Create(provider.GetRequiredService<IOptions<UeventClientOptions>>().Value));
        return services;
    }

    /// <summary>Adds a subscription that runs as long as the application.</summary>
    /// <typeparam name="THandler">Handles the subscription's items; a singleton.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="filter">Selects devices; null for all.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddUeventHandler<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IServiceCollection services, DeviceFilter? filter = null)
        where THandler : class, IUeventHandler
    {
        services.AddUeventClient();
        services.TryAddSingleton<THandler>();
        // Not TryAddEnumerable: one handler may have two subscriptions with different filters.
        return services.AddSingleton<IHostedService>(provider => new HostedSubscription(
            provider.GetRequiredService<UeventClient>(), provider.GetRequiredService<IOptions<UeventClientOptions>>().Value, filter,
            provider.GetRequiredService<THandler>().HandleAsync, Logger(provider)));
    }

    /// <summary>Adds a <see cref="DeviceTable"/> that is kept up to date as long as the application runs.</summary>
    /// <param name="services">The services.</param>
    /// <param name="filter">Selects devices; null for all. It must not contain actions, because a table needs the events of all actions.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="ArgumentException">The filter contains actions.</exception>
    /// <exception cref="InvalidOperationException">A table is already registered: two subscriptions cannot update one table.</exception>
    public static IServiceCollection AddUeventDeviceTable(this IServiceCollection services, DeviceFilter? filter = null)
    {
        if (filter is { Actions.Count: > 0 })
            throw new ArgumentException("A table needs the events of all actions.", nameof(filter));
        services.AddUeventClient();
        if (services.Any(static one => one.ServiceType == typeof(DeviceTable)))
            throw new InvalidOperationException("There is a DeviceTable already (give one AddUeventDeviceTable a filter that fits both uses, or none).");
        services.AddSingleton<DeviceTable>();
        return services.AddSingleton<IHostedService>(provider =>
        {
            DeviceTable table = provider.GetRequiredService<DeviceTable>();
            return new HostedSubscription(
                provider.GetRequiredService<UeventClient>(), provider.GetRequiredService<IOptions<UeventClientOptions>>().Value, filter,
                (change, _) =>
                {
                    table.Apply(change);
                    return ValueTask.CompletedTask;
                },
                Logger(provider));
        });
    }

    private static UeventClient Create(UeventClientOptions options) =>
        options.Connect is { } connect ? new UeventClient(connect) : UeventClient.Of(options.SocketPath);

    private static ILogger Logger(IServiceProvider provider) => (provider.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger("UeventManager.Client");
}
