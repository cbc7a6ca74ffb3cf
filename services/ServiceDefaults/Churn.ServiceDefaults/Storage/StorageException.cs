namespace Churn.ServiceDefaults.Storage;

/// <summary>Says in one line what is wrong with a folder or a database, where it is, and what to do.</summary>
public class StorageException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">One line for the operator.</param>
    /// <param name="inner">What was thrown below.</param>
    public StorageException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>Says that there was no room to write: nothing of the transaction is kept, and the same may be tried again.</summary>
/// <param name="message">One line for the operator.</param>
/// <param name="inner">What was thrown below.</param>
public sealed class StorageFullException(string message, Exception? inner = null) : StorageException(message, inner);
