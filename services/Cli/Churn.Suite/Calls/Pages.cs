using Google.Protobuf.Collections;

namespace Churn.Suite.Calls;

/// <summary>Asks for page after page until there are enough.</summary>
internal static class Pages
{
    /// <summary>Is the largest page that services give.</summary>
    public const int Largest = 1_000;

    /// <summary>Gathers at most so many items, and tells whether there are more.</summary>
    /// <param name="most">At most so many.</param>
    /// <param name="ask">Asks for a page of a size from a token, and gives its items and the next token.</param>
    public static async Task<(List<T> Items, bool HasMore)> GatherAsync<T>(int most, Func<int, string, Task<(RepeatedField<T> Items, string Next)>> ask)
    {
        var items = new List<T>();
        var token = "";
        do
        {
            var (page, next) = await ask(Math.Min(most - items.Count, Largest), token);
            items.AddRange(page);
            token = next;
        }
        while (token.Length > 0 && items.Count < most);
        return (items, token.Length > 0);
    }
}
