using Churn.Notifications.Domain;
using Churn.Notifications.Storage;

namespace Churn.Notifications.Sending;

/// <summary>Hands messages of one channel over to somebody else.</summary>
internal interface IProvider
{
    /// <summary>Makes one try.</summary>
    /// <param name="message">The message.</param>
    /// <param name="handOver">Marks, durably, that the provider may have it from then on; called before it can.</param>
    /// <param name="cancellationToken">Ends the try early.</param>
    Task<Outcome> SendAsync(MessageRow message, Action handOver, CancellationToken cancellationToken);
}
