namespace UeventManager.Commands.Terminal;

/// <summary>Colours, or none.</summary>
/// <param name="enabled">False to keep every text as it is.</param>
internal sealed class Palette(bool enabled)
{
    /// <summary>No colour.</summary>
    public static Palette None { get; } = new(false);

    /// <summary>A heading, or an important name.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, bold.</returns>
    public string Bold(string text) => Paint(text, "1");

    /// <summary>Less important text.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, faint.</returns>
    public string Faint(string text) => Paint(text, "2");

    /// <summary>Text that needs attention.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, yellow.</returns>
    public string Warn(string text) => Paint(text, "33");

    /// <summary>An action, each in its colour.</summary>
    /// <param name="action">The kernel's word.</param>
    /// <param name="text">The text to print, such as the padded word.</param>
    /// <returns>The text, coloured.</returns>
    public string Action(string action, string text) => Paint(text, action switch
    {
        "add" => "32",
        "remove" => "31",
        "change" => "33",
        _ => "36",
    });

    private string Paint(string text, string code) => enabled && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
}
