using Churn.Access.V1;
using Google.Protobuf.Reflection;

namespace Churn.ServiceDefaults.Access;

/// <summary>Holds the scopes of a key.</summary>
/// <param name="Bits">A bit for each scope, by its number.</param>
public readonly record struct ScopeSet(int Bits)
{
    private const string Prefix = "SCOPE_";

    private static readonly (string Word, Scope Scope)[] Known =
    [
        .. ScopeReflection.Descriptor.EnumTypes[0].Values.Where(value => value.Number != 0).Select(value => (WordOf(value), (Scope)value.Number)),
    ];

    /// <summary>Gives all that there are.</summary>
    public static ScopeSet All { get; } = Of(Known.Select(known => known.Scope));

    /// <summary>Gives those of the services among themselves.</summary>
    public static ScopeSet Internal { get; } = Of([Scope.Internal]);

    /// <summary>Gives the words for all scopes, in their order.</summary>
    public static IEnumerable<string> Words => Known.Select(known => known.Word);

    /// <summary>Gives the scopes, each for itself.</summary>
    public IEnumerable<Scope> Scopes
    {
        get
        {
            var bits = Bits;
            return Known.Where(known => (bits >> (int)known.Scope & 1) != 0).Select(known => known.Scope);
        }
    }

    /// <summary>Makes the set of scopes.</summary>
    public static ScopeSet Of(IEnumerable<Scope> scopes) => new(scopes.Aggregate(0, (bits, scope) => bits | 1 << (int)scope));

    /// <summary>Reads the set from its text; null where a word is no scope, or there is none.</summary>
    public static ScopeSet? Parse(string text)
    {
        var bits = 0;
        foreach (var word in text.Split(','))
        {
            var scope = Array.Find(Known, known => string.Equals(known.Word, word, StringComparison.Ordinal)).Scope;
            if (scope == Scope.Unspecified)
            {
                return null;
            }

            bits |= 1 << (int)scope;
        }

        return new ScopeSet(bits);
    }

    /// <summary>Gives the word for a scope.</summary>
    public static string WordOf(Scope scope) => Array.Find(Known, known => known.Scope == scope).Word ?? "none";

    /// <summary>Tells whether a call that needs this scope may be made.</summary>
    public bool Allows(Scope scope) =>
        scope != Scope.Unspecified && (Has(scope) || (scope != Scope.Admin && Has(Scope.Internal)));

    /// <summary>Tells whether this scope is among them.</summary>
    public bool Has(Scope scope) => (Bits >> (int)scope & 1) != 0;

    /// <summary>Gives the text: words with commas between them.</summary>
    public override string ToString() => string.Join(',', Scopes.Select(WordOf));

    private static string WordOf(EnumValueDescriptor value) => value.Name[Prefix.Length..].ToLowerInvariant();
}
