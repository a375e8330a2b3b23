namespace UeventManager.Fleet;

/// <summary>A credential file cannot be used.</summary>
public sealed class FleetCredentialException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="what">The kind of file, as the option of <c>uevent-nats</c> is called: nkey, creds, tlscert, tlskey or tlsca.</param>
    /// <param name="path">The file.</param>
    /// <param name="problem">The reason.</param>
    /// <param name="inner">The exception that caused this one, if any.</param>
    public FleetCredentialException(string what, string path, string problem, Exception? inner = null)
        : base($"{path} cannot be used as --{what}: {problem}", inner) => (What, Path) = (what, path);

    /// <summary>The kind of file: nkey, creds, tlscert, tlskey or tlsca.</summary>
    public string What { get; }

    /// <summary>The file.</summary>
    public string Path { get; }
}
