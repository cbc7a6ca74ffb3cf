namespace Churn.ServiceDefaults.Documents;

/// <summary>Holds a map of a document, whose keys are known.</summary>
public sealed class DocumentMap
{
    private readonly Dictionary<string, DocumentNode> _entries;

    internal DocumentMap(DocumentNode node, Dictionary<string, DocumentNode> entries)
    {
        Node = node;
        _entries = entries;
    }

    /// <summary>Gives the map as a value.</summary>
    public DocumentNode Node { get; }

    /// <summary>Gives the keys that are there, in the order of the file.</summary>
    public IReadOnlyCollection<string> Keys => _entries.Keys;

    /// <summary>Gives a key's value; null where it is not there.</summary>
    public DocumentNode? Get(string key) => _entries.GetValueOrDefault(key);

    /// <summary>Tells whether a key is there.</summary>
    public bool Has(string key) => _entries.ContainsKey(key);

    /// <summary>Gives a key's value; where it is not there, that is an error and null.</summary>
    /// <param name="key">The key.</param>
    /// <param name="advice">What to write, for example "write 'name: my-name'"; empty for nothing.</param>
    public DocumentNode? Require(string key, string advice = "")
    {
        if (!_entries.TryGetValue(key, out var value))
        {
            Node.Error($"'{key}' is missing{(advice.Length == 0 ? "" : "; " + advice)}");
        }

        return value;
    }
}
