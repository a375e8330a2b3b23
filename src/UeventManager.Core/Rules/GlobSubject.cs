namespace UeventManager.Core.Rules;

/// <summary>The kind of text that a <see cref="Glob"/> is matched against.</summary>
public enum GlobSubject : byte
{
    /// <summary>A path or a part of one: <c>*</c>, <c>?</c> and sets stop at a slash.</summary>
    Path,

    /// <summary>
    /// The value of an attribute or a property: a slash is a character like any other, and trailing white space and NULs do not count, neither
    /// in the value nor in the pattern.
    /// </summary>
    Value,
}
