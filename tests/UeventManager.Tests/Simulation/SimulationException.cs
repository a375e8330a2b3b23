namespace UeventManager.Tests.Simulation;

/// <summary>Something that no subscriber may ever see.</summary>
internal sealed class SimulationException(string what) : Exception(what);
