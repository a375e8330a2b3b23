namespace UeventManager.Client;

/// <summary>The daemon cannot be connected to, or the connection to it was lost.</summary>
public sealed class DaemonUnreachableException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong, with the fix.</param>
    /// <param name="inner">What the system said.</param>
    public DaemonUnreachableException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>What came over the connection is not Varlink.</summary>
public sealed class VarlinkProtocolException : IOException
{
    /// <summary>Makes one.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="inner">What the JSON reader said.</param>
    public VarlinkProtocolException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
