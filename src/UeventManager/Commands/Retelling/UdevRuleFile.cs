using UeventManager.Core.Rules;
using UeventManager.Udev;

namespace UeventManager.Commands.Retelling;

/// <summary>The rules of udev that shut gates, where udevd reads them.</summary>
/// <param name="options">Where, and for which of our rules.</param>
internal sealed class UdevRuleFile(RetellOptions options)
{
    private readonly Lock _gate = new();
    private bool _isEnded;

    /// <summary>Writes them anew, if ours ask for others now, and has udevd read them. What cannot be done is said.</summary>
    public void Install()
    {
        // A signal, a change of our rules and the daemon's return may ask for it at once.
        lock (_gate)
        {
            if (!_isEnded)
                InstallOnce();
        }
    }

    /// <summary>Removes them for good. What cannot be done is said.</summary>
    public void Remove()
    {
        lock (_gate)
        {
            _isEnded = true;
            if (!File.Exists(options.RuleFile))
                return;
            try
            {
                File.Delete(options.RuleFile);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                options.Say($"{options.RuleFile}: {e.Message}; without a gate these rules shut nothing");
                return;
            }
            Reload(options.Say);
        }
    }

    private void InstallOnce()
    {
        if (options.LoadRules?.Invoke() is not { } rules)
            return;
        string text = GateRules.Of(rules, options.Gate, options.Program);
        try
        {
            if (File.Exists(options.RuleFile) && File.ReadAllText(options.RuleFile) == text)
                return;
            Directory.CreateDirectory(Path.GetDirectoryName(options.RuleFile)!);
            string aside = options.RuleFile + ".new";
            File.WriteAllText(aside, text);
            File.Move(aside, options.RuleFile, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            options.Say($"{options.RuleFile}: {e.Message}; udev's rules are as they were");
            return;
        }
        options.Say($"{options.RuleFile}: {Terminal.Counted.Of(rules.Count(static rule => rule.Gate != RuleGate.None), "gate")}");
        Reload(options.Say);
    }

    private static void Reload(Action<string> say)
    {
        if (!Udevadm.TryReload(out string? why))
            say($"udevadm control --reload: {why} (udevd reads its rules again within some seconds by itself)");
    }
}
