namespace Churn.Cli.Report.Input;

/// <summary>Knows what a currency code looks like (ISO 4217: three letters).</summary>
internal static class Currencies
{
    public static bool IsCode(ReadOnlySpan<byte> text)
    {
        foreach (var letter in text)
        {
            if (!char.IsAsciiLetter((char)letter))
            {
                return false;
            }
        }

        return text.Length == 3;
    }
}
