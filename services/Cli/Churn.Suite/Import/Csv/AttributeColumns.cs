using System.Text;
using Churn.Cli.Report.Input;
using Churn.Ingestion.V1;
using Churn.Metrics.Domain;

namespace Churn.Suite.Import.Csv;

/// <summary>Says which field or attribute of a customer's profile each attribute column of a file becomes.</summary>
internal sealed class AttributeColumns
{
    /// <summary>Bounds a value in bytes: the server takes no longer one.</summary>
    public const int LongestValue = 200;

    private const int MostAttributes = 64;
    private const int LongestName = 64;
    private const string RenewalDate = "renewal_date";

    private static readonly Dictionary<string, Action<CustomerProfile, string>> Fields = new(StringComparer.Ordinal)
    {
        ["size"] = (profile, value) => profile.Size = value,
        ["industry"] = (profile, value) => profile.Industry = value,
        ["country"] = (profile, value) => profile.Country = value,
        ["plan_tier"] = (profile, value) => profile.PlanTier = value,
        ["channel"] = (profile, value) => profile.Channel = value,
        ["entry_offer"] = (profile, value) => profile.EntryOffer = value,
        ["owner"] = (profile, value) => profile.Owner = value,
        ["locale"] = (profile, value) => profile.Locale = value,
        ["time_zone"] = (profile, value) => profile.TimeZone = value,
        [RenewalDate] = (profile, value) => profile.RenewalDate = value,
    };

    private readonly List<Column> _columns = [];

    /// <summary>Gives the columns of a file.</summary>
    /// <param name="layout">The file's layout.</param>
    /// <param name="notes">Takes a sentence about what is left out.</param>
    /// <exception cref="ReportException">Two columns come to one name.</exception>
    public AttributeColumns(Layout layout, ICollection<string> notes)
    {
        var taken = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < layout.Attributes.Count; i++)
        {
            var header = layout.Names[layout.Attributes[i]];
            var name = NameOf(header);
            if (!taken.TryAdd(name, header))
            {
                throw new ReportException($"has the columns \"{Printable.Of(taken[name])}\" and \"{Printable.Of(header)}\", which are one attribute, {name}: rename one");
            }

            _columns.Add(new Column(i, layout.Attributes[i], name, Fields.GetValueOrDefault(name)));
        }

        // By name, so that the order of a file's columns changes no fact.
        _columns.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        var others = _columns.Where(c => c.Set is null).Skip(MostAttributes).ToList();
        if (others.Count > 0)
        {
            notes.Add($"{layout.Attributes.Count} columns are attributes, and {MostAttributes} are taken: {string.Join(", ", others.Select(c => c.Name))} {(others.Count == 1 ? "is" : "are")} left out");
            _columns.RemoveAll(others.Contains);
        }
    }

    /// <summary>Gives the columns, by name.</summary>
    public IReadOnlyList<Column> Columns => _columns;

    /// <summary>Gives the name of an attribute for a column: small letters, digits and '_', beginning with a letter.</summary>
    public static string NameOf(string header)
    {
        var name = new StringBuilder(header.Length);
        foreach (var c in header)
        {
            if (char.IsAsciiLetterOrDigit(c))
            {
                name.Append(char.ToLowerInvariant(c));
            }
            else if (name.Length > 0 && name[^1] != '_')
            {
                name.Append('_');
            }
        }

        var plain = name.ToString().TrimEnd('_');
        plain = plain.Length == 0 || !char.IsAsciiLetter(plain[0]) ? $"a_{plain}" : plain;
        return plain.Length > LongestName ? plain[..LongestName] : plain;
    }

    /// <summary>Gives a value as the server takes it, or null and what is wrong with it.</summary>
    public static string? Value(Column column, string text, out string? wrong)
    {
        wrong = null;
        if (text.Length > LongestValue / 3 && Encoding.UTF8.GetByteCount(text) > LongestValue)
        {
            wrong = $"is longer than {LongestValue} bytes and is left out";
            return null;
        }

        if (column.Name != RenewalDate || text.Length == 0)
        {
            return text;
        }

        if (Instants.Read(Encoding.UTF8.GetBytes(text), out var instant) is { } bad)
        {
            wrong = $"\"{Printable.Of(text, 40)}\" {bad}, and is left out";
            return null;
        }

        return Churn.Cli.Report.Output.Numerals.Day(Calendar.DayOf(instant));
    }

    /// <summary>Holds a column that becomes an attribute.</summary>
    /// <param name="Place">Its place among the attributes of the layout.</param>
    /// <param name="Header">Its place in the header.</param>
    /// <param name="Name">The attribute's name.</param>
    /// <param name="Set">Sets the profile's own field; null for one of its other attributes.</param>
    internal sealed record Column(int Place, int Header, string Name, Action<CustomerProfile, string>? Set)
    {
        public void SetOn(CustomerProfile profile, string value)
        {
            if (Set is null)
            {
                profile.Attributes[Name] = value;
            }
            else
            {
                Set(profile, value);
            }
        }
    }
}
