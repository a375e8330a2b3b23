using UeventManager.Core.Ordering;
using UeventManager.Core.Rules;

namespace UeventManager.Tests.Engine;

/// <summary>Sees what passes between the engine and its world.</summary>
internal interface IWorldObserver
{
    /// <summary>A datagram is about to be stepped.</summary>
    void Received(byte[] datagram);

    /// <summary>A question of a look was answered from a directory's incarnation.</summary>
    void Asked(Look look, string path, SysfsQuery query, in Answer answer);

    /// <summary>A look's open questions are all answered; it is about to be given back.</summary>
    void Answering(long id);

    /// <summary>A look's open questions are all answered; it has been given back to the engine.</summary>
    void Answered(Look look, long id);

    /// <summary>An event was delivered.</summary>
    void Delivered(SeenEvent seen);
}
