namespace UeventManager.Commands.Acting;

/// <summary>A run in an <see cref="ActionPlan"/>.</summary>
/// <param name="request">What is run.</param>
/// <param name="batch">What it ends with.</param>
internal sealed class PlannedAction(ActionRequest request, ActionBatch batch)
{
    /// <summary>What is run.</summary>
    public ActionRequest Request { get; } = request;

    /// <summary>How often it has failed.</summary>
    public int Failures { get; set; }

    /// <summary>The batch that it is in.</summary>
    public ActionBatch Batch { get; } = batch;

    /// <summary>Its place among the unfinished ones.</summary>
    internal LinkedListNode<PlannedAction>? Node { get; set; }

    /// <summary>How many earlier runs must end first.</summary>
    internal int WaitsFor { get; set; }

    /// <summary>Which later runs wait for it.</summary>
    internal List<PlannedAction> Dependents { get; } = [];

    /// <summary>The devpaths of which it is the last, or one of the last.</summary>
    internal List<string> Paths { get; } = [];
}
