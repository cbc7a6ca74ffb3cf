namespace Churn.Client.Session;

/// <summary>Keeps one token for everything that was written.</summary>
internal sealed class WrittenSoFar
{
    private readonly Lock _lock = new();
    private string _token = "";

    public string Token
    {
        get
        {
            lock (_lock)
            {
                return _token;
            }
        }
    }

    public void Add(string token)
    {
        if (token.Length == 0)
        {
            return;
        }

        lock (_lock)
        {
            _token = _token.Length == 0 ? token : ConsistencyTokens.Merge(_token, token);
        }
    }
}
