namespace UeventManager.Fleet;

/// <summary>A file of credentials cannot be used.</summary>
public sealed class FleetCredentialException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="what">What the file is, as the option of <c>uevent-nats</c> calls it: nkey, creds, tlscert, tlskey or tlsca.</param>
    /// <param name="path">The file.</param>
    /// <param name="problem">What is wrong with it.</param>
    /// <param name="inner">What was thrown, if anything was.</param>
    public FleetCredentialException(string what, string path, string problem, Exception? inner = null)
        : base($"{path} cannot be used as --{what}: {problem}", inner) => (What, Path) = (what, path);

    /// <summary>What the file is: nkey, creds, tlscert, tlskey or tlsca.</summary>
    public string What { get; }

    /// <summary>The file.</summary>
    public string Path { get; }
}
