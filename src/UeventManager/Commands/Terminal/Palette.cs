namespace UeventManager.Commands.Terminal;

/// <summary>Colour, or none.</summary>
/// <param name="enabled">False to leave every text as it is.</param>
internal sealed class Palette(bool enabled)
{
    /// <summary>No colour.</summary>
    public static Palette None { get; } = new(false);

    /// <summary>A headline, or a name that matters.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, bold.</returns>
    public string Bold(string text) => Paint(text, "1");

    /// <summary>What matters less.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, faint.</returns>
    public string Faint(string text) => Paint(text, "2");

    /// <summary>What needs attention.</summary>
    /// <param name="text">The text.</param>
    /// <returns>The text, yellow.</returns>
    public string Warn(string text) => Paint(text, "33");

    /// <summary>An action, each in its colour.</summary>
    /// <param name="action">The kernel's word.</param>
    /// <param name="text">What to print, as the word padded.</param>
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
