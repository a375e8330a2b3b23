namespace UeventManager.Nats.Bridge;

/// <summary>Another bridge speaks for the host.</summary>
/// <param name="message">Which one.</param>
internal sealed class FencedException(string message) : Exception(message);

/// <summary>It cannot work like this; the message names the fix.</summary>
/// <param name="message">What is wrong.</param>
internal sealed class RefusedException(string message) : Exception(message);

/// <summary>The stream did not take something, and may the next time.</summary>
/// <param name="message">Why.</param>
/// <param name="inner">What was thrown, if anything was.</param>
internal sealed class BrokerLostException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another client wrote to this host's subjects.</summary>
/// <param name="message">What.</param>
internal sealed class ForeignMessageException(string message) : Exception(message);
