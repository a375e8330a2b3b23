namespace UeventManager.KernelTests.Differential;

/// <summary>The daemon broke a promise, named by the first word of the message.</summary>
internal sealed class ViolationException(string message) : Exception(message);
