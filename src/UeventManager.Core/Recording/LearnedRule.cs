namespace UeventManager.Core.Recording;

/// <summary>One condition of a learned rule.</summary>
/// <param name="Yaml">The item of <c>wait</c>, without its dash.</param>
/// <param name="Comment">What the recordings showed.</param>
public sealed record LearnedItem(string Yaml, string Comment);

/// <summary>A learned rule.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">Its description.</param>
/// <param name="Match">The lines of <c>match</c>, each <c>KEY: VALUE</c>.</param>
/// <param name="Items">Its conditions.</param>
/// <param name="TimeoutUsec">Its timeout.</param>
/// <param name="Remarks">What was left out, with the reasons.</param>
public sealed record LearnedRule(string Name, string Description, IReadOnlyList<string> Match, IReadOnlyList<LearnedItem> Items, long TimeoutUsec, IReadOnlyList<string> Remarks);

/// <summary>The rules learned for one subsystem.</summary>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Rules">Its rules, in the order in which they are tried.</param>
/// <param name="Devices">How many of its devices arrived and were observed.</param>
/// <param name="Late">How many of them were incomplete at their add.</param>
/// <param name="TooShort">How many were left out because they were observed for too short a time.</param>
public sealed record LearnedFile(string Subsystem, IReadOnlyList<LearnedRule> Rules, int Devices, int Late, int TooShort);
