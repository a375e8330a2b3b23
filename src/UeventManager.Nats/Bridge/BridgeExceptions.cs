namespace UeventManager.Nats.Bridge;

/// <summary>Another bridge publishes for the host.</summary>
/// <param name="message">The other bridge.</param>
internal sealed class FencedException(string message) : Exception(message);

/// <summary>The bridge cannot work with this configuration; the message names the solution.</summary>
/// <param name="message">The error.</param>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>The stream did not store a message; another attempt may succeed.</summary>
/// <param name="message">The reason.</param>
/// <param name="inner">The cause, if there is one.</param>
internal sealed class BrokerLostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another client wrote to this host's subjects.</summary>
/// <param name="message">The message that was found.</param>
internal sealed class ForeignMessageException(string message) : Exception(message);
