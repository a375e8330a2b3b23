using UeventManager.Core.Rules;
using UeventManager.Udev;

namespace UeventManager.Commands.Retelling;

/// <summary>The file of udev rules that shut gates, in udevd's directory.</summary>
/// <param name="options">The options.</param>
internal sealed class UdevRuleFile(RetellOptions options)
{
    private readonly Lock _gate = new();
    private bool _isEnded;

    /// <summary>Writes the file if its content changes, and makes udevd reload its rules. Errors are logged.</summary>
    public void Install()
    {
        // A signal, a change of our rules and the daemon's return may ask for this at the same time.
        lock (_gate)
        {
            if (!_isEnded)
                InstallOnce();
        }
    }

    /// <summary>Removes the file for good. Errors are logged.</summary>
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
                options.Say($"{options.RuleFile}: {e.Message}; without this file no gate is shut");
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
            options.Say($"{options.RuleFile}: {e.Message}; udev's rules are unchanged");
            return;
        }
        options.Say($"{options.RuleFile}: {Terminal.Counted.Of(rules.Count(static rule => rule.Gate != RuleGate.None), "gate")}");
        Reload(options.Say);
    }

    private static void Reload(Action<string> say)
    {
        if (!Udevadm.TryReload(out string? why))
            say($"udevadm control --reload: {why} (udevd itself reads its rules again within a few seconds)");
    }
}
