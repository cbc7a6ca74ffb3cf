using System.Text;

namespace Churn.Notifications.Domain;

/// <summary>Says which e-mail addresses are ones: what would divide an address in two, or put a line into a mail, is none.</summary>
public static class MailAddress
{
    private const int MostBytes = 254;
    private const int MostLocalBytes = 64;

    /// <summary>Gives what is wrong with an address and what to do, to follow on its name; null where it is right.</summary>
    public static string? Problem(string address)
    {
        if (address.Length == 0)
        {
            return "is empty; give one such as ana@example.org";
        }

        if (Encoding.UTF8.GetByteCount(address) > MostBytes)
        {
            return $"has more than {MostBytes} bytes; give the bare address";
        }

        foreach (var rune in address.EnumerateRunes())
        {
            if (rune.Value is '\r' or '\n')
            {
                return "holds a line break; take it out";
            }

            if (Rune.IsControl(rune) || rune == Rune.ReplacementChar)
            {
                return $"holds U+{rune.Value:X4}, which cannot be printed; take it out";
            }

            if (Rune.IsWhiteSpace(rune) || rune.Value is '<' or '>' or '(' or ')' or '[' or ']' or ',' or ';' or ':' or '"' or '\\')
            {
                return "holds a space or one of <>()[],;:\"\\; give the bare address, such as ana@example.org";
            }
        }

        var at = address.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at != address.LastIndexOf('@') || at == address.Length - 1)
        {
            return "has no single '@' between a name and a domain; give one such as ana@example.org";
        }

        var (local, domain) = (address[..at], address[(at + 1)..]);
        if (local.Length > MostLocalBytes || !Ascii.IsValid(local) || HasEmptyPart(local))
        {
            return "has a name before the '@' that mail servers refuse; give 1 to 64 ASCII characters, with dots only between others";
        }

        return HasEmptyPart(domain) || domain.Split('.').Any(part => part[0] == '-' || part[^1] == '-' || part.Length > 63)
            ? "has no domain after the '@'; give one such as ana@example.org"
            : null;
    }

    /// <summary>Gives the form by which two addresses are the same one.</summary>
    public static string Normal(string address) => address.ToLowerInvariant();

    private static bool HasEmptyPart(string text) => text.Split('.').Any(part => part.Length == 0);
}
