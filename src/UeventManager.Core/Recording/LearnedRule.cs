namespace UeventManager.Core.Recording;

/// <summary>One condition of a learned rule.</summary>
/// <param name="Yaml">The item of <c>wait</c>, without its dash.</param>
/// <param name="Comment">What was seen.</param>
public sealed record LearnedItem(string Yaml, string Comment);

/// <summary>A rule that was learned.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Match">Lines of <c>match</c>, <c>KEY: VALUE</c> each.</param>
/// <param name="Items">What it waits for.</param>
/// <param name="TimeoutUsec">How long, at most.</param>
/// <param name="Remarks">What was left out, and why.</param>
public sealed record LearnedRule(string Name, string Description, IReadOnlyList<string> Match, IReadOnlyList<LearnedItem> Items, long TimeoutUsec, IReadOnlyList<string> Remarks);

/// <summary>What was learned of one subsystem.</summary>
/// <param name="Subsystem">The subsystem.</param>
/// <param name="Rules">Its rules, in the order in which they are tried.</param>
/// <param name="Devices">How many devices of it arrived and were observed.</param>
/// <param name="Late">How many of them were incomplete at their add.</param>
/// <param name="TooShort">How many are left out because they were observed too shortly.</param>
public sealed record LearnedFile(string Subsystem, IReadOnlyList<LearnedRule> Rules, int Devices, int Late, int TooShort);
