namespace UeventManager.Client;

/// <summary>The formats of the daemon's metrics.</summary>
public enum MetricsFormat
{
    /// <summary>The Prometheus text format 0.0.4, as node_exporter's textfile collector reads it.</summary>
    Prometheus,

    /// <summary>OpenMetrics 1.0.</summary>
    OpenMetrics,
}
