namespace UeventManager.Commands.Acting;

/// <summary>A run in an <see cref="ActionPlan"/>.</summary>
/// <param name="request">The run.</param>
/// <param name="batch">Its batch.</param>
internal sealed class PlannedAction(ActionRequest request, ActionBatch batch)
{
    /// <summary>The run.</summary>
    public ActionRequest Request { get; } = request;

    /// <summary>The number of failures.</summary>
    public int Failures { get; set; }

    /// <summary>Its batch.</summary>
    public ActionBatch Batch { get; } = batch;

    /// <summary>Its place among the unfinished runs.</summary>
    internal LinkedListNode<PlannedAction>? Node { get; set; }

    /// <summary>The number of earlier runs that must end first.</summary>
    internal int WaitsFor { get; set; }

    /// <summary>The later runs that wait for it.</summary>
    internal List<PlannedAction> Dependents { get; } = [];

    /// <summary>The devpaths for which it is the last run, or one of the last.</summary>
    internal List<string> Paths { get; } = [];
}
