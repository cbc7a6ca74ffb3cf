using System.Globalization;

namespace Churn.Notifications.Domain;

/// <summary>Writes amounts for people.</summary>
public static class MoneyText
{
    private const long Unit = 1_000_000;
    private static readonly string[] NoMinor = ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
    private static readonly string[] ThreeMinor = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

    // Languages that write a decimal comma, and what they put between thousands.
    private static readonly Dictionary<string, string> Commas = new(StringComparer.Ordinal)
    {
        ["pt"] = ".", ["de"] = ".", ["es"] = ".", ["it"] = ".", ["nl"] = ".", ["da"] = ".", ["el"] = ".", ["id"] = ".", ["tr"] = ".", ["ro"] = ".",
        ["fr"] = "\u00A0", ["pl"] = "\u00A0", ["cs"] = "\u00A0", ["sv"] = "\u00A0", ["nb"] = "\u00A0", ["fi"] = "\u00A0", ["uk"] = "\u00A0", ["ru"] = "\u00A0",
    };

    /// <summary>Writes an amount such as "1,234.50 USD", or "1.234,50 EUR" for Portuguese; rounded half to even to the currency's smallest coin.</summary>
    public static string Of(long micros, string currency, string locale)
    {
        var digits = NoMinor.Contains(currency, StringComparer.Ordinal) ? 0 : ThreeMinor.Contains(currency, StringComparer.Ordinal) ? 3 : 2;
        var amount = Math.Round((decimal)micros / Unit, digits, MidpointRounding.ToEven);
        var format = (NumberFormatInfo)CultureInfo.InvariantCulture.NumberFormat.Clone();
        if (Commas.TryGetValue(locale.Split('-')[0].ToLowerInvariant(), out var thousands))
        {
            (format.NumberDecimalSeparator, format.NumberGroupSeparator) = (",", thousands);
        }

        var text = amount.ToString($"N{digits}", format);
        return currency.Length == 0 ? text : $"{text} {currency}";
    }
}
