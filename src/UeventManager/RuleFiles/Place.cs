namespace UeventManager.RuleFiles;

/// <summary>A place in a file, both from 1; the default is the whole file.</summary>
internal readonly record struct Place(int Line, int Column);
