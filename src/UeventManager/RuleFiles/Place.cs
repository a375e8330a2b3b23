namespace UeventManager.RuleFiles;

/// <summary>A place in a file, both from 1; the default is the file as a whole.</summary>
internal readonly record struct Place(int Line, int Column);
