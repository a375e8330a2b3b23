using System.Text;

namespace UeventManager.Varlink;

/// <summary>The interface files of this folder, embedded in the program.</summary>
internal static class EmbeddedInterfaces
{
    /// <summary>Reads an interface file.</summary>
    /// <param name="name">The interface's name, as <c>org.ueventmanager.Devices</c>.</param>
    /// <returns>The interface, its text verbatim.</returns>
    /// <exception cref="ArgumentException">There is no such file in the program.</exception>
    public static VarlinkInterface Read(string name)
    {
        using Stream file = typeof(EmbeddedInterfaces).Assembly.GetManifestResourceStream(name + ".varlink")
            ?? throw new ArgumentException($"{name}.varlink is not built in.", nameof(name));
        using var reader = new StreamReader(file, Encoding.UTF8);
        return VarlinkInterface.Parse(reader.ReadToEnd());
    }
}
