using System.Text.RegularExpressions;
using UeventManager.Tests.House;

namespace UeventManager.Tests.Manual;

/// <summary>A page of the manual as plain text, by its sections (.SH and .SS) and their paragraphs (.TP).</summary>
internal sealed partial class ManualPage
{
    private readonly List<(string Title, string Text)> _sections = [];

    public ManualPage(string name)
    {
        Name = name;
        foreach (string section in Section().Split(File.ReadAllText(Path.Combine(SourceTree.Root, "packaging/man", name))).Skip(1))
        {
            int end = section.IndexOf('\n', StringComparison.Ordinal);
            _sections.Add((Plain(section[..end]).Trim('"'), Plain(section[end..])));
        }
    }

    public string Name { get; }

    /// <summary>The text of the section whose title begins so.</summary>
    public string this[string title]
    {
        get
        {
            string? text = _sections.Where(one => one.Title == title || one.Title.StartsWith(title + " ", StringComparison.Ordinal))
                .Select(static one => one.Text).FirstOrDefault();
            Assert.True(text is not null, $"{Name} has no section '{title}'");
            return text;
        }
    }

    public string All => string.Join('\n', _sections.Select(static one => one.Text));

    /// <summary>The paragraph of a section that is headed by a word; the tests say what a reader would look for in vain.</summary>
    public string Paragraph(string section, string word)
    {
        string? found = this[section].Split("\n.TP\n").Skip(1).FirstOrDefault(one => HasWord(Head(one), word));
        Assert.True(found is not null, $"{Name}, {section}: nothing about '{word}'");
        return found;
    }

    /// <summary>True if a text has a word that is not a part of a longer one.</summary>
    public static bool HasWord(string text, string word) => Regex.IsMatch(text, $@"(?<![\w-]){Regex.Escape(word)}(?![\w-])");

    // .TQ gives a paragraph further heads.
    private static string Head(string paragraph)
    {
        string[] lines = paragraph.Split('\n');
        IEnumerable<string> further = lines.Zip(lines.Skip(1)).Where(static pair => pair.First == ".TQ").Select(static pair => pair.Second);
        return string.Join(' ', further.Prepend(lines[0]));
    }

    private static string Plain(string roff) => Font().Replace(roff, "").Replace(@"\-", "-", StringComparison.Ordinal).Replace(@"\&", "", StringComparison.Ordinal);

    [GeneratedRegex(@"^\.S[HS] ", RegexOptions.Multiline)]
    private static partial Regex Section();

    [GeneratedRegex(@"\\f[A-Z]|^\.[BI][IR]? |""", RegexOptions.Multiline)]
    private static partial Regex Font();
}
