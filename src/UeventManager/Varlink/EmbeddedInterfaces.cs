using System.Text;

namespace UeventManager.Varlink;

/// <summary>The interface files that stand beside this source, as they were built in.</summary>
internal static class EmbeddedInterfaces
{
    /// <summary>Reads one.</summary>
    /// <param name="name">The interface's name, as <c>org.ueventmanager.Devices</c>.</param>
    /// <returns>The interface, its text verbatim.</returns>
    /// <exception cref="ArgumentException">No such file was built in.</exception>
    public static VarlinkInterface Read(string name)
    {
        using Stream file = typeof(EmbeddedInterfaces).Assembly.GetManifestResourceStream(name + ".varlink")
            ?? throw new ArgumentException($"{name}.varlink is not built in.", nameof(name));
        using var reader = new StreamReader(file, Encoding.UTF8);
        return VarlinkInterface.Parse(reader.ReadToEnd());
    }
}
