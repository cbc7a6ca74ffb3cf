namespace Churn.Ingestion.Domain;

/// <summary>Holds how much of everything is taken. Texts are counted in bytes of UTF-8.</summary>
public static class Limits
{
    /// <summary>Gives the most facts of one batch.</summary>
    public const int BatchFacts = 1_000;

    /// <summary>Gives the most bytes of one batch.</summary>
    public const int BatchBytes = 4 * 1024 * 1024;

    /// <summary>Gives the most characters of a source's name.</summary>
    public const int SourceBytes = 64;

    /// <summary>Gives the most bytes of an id, a plan or an attribute's value.</summary>
    public const int IdBytes = 200;

    /// <summary>Gives the most bytes of a code, a channel or a role.</summary>
    public const int CodeBytes = 64;

    /// <summary>Gives the most bytes of a note or an address.</summary>
    public const int NoteBytes = 2_000;

    /// <summary>Gives the most bytes of an e-mail address.</summary>
    public const int EmailBytes = 254;

    /// <summary>Gives the most digits of a telephone number.</summary>
    public const int PhoneDigits = 15;

    /// <summary>Gives the most characters of a language tag.</summary>
    public const int LocaleBytes = 35;

    /// <summary>Gives the most characters of a time zone's name.</summary>
    public const int TimeZoneBytes = 64;

    /// <summary>Gives the most attributes that one profile states beside its own fields.</summary>
    public const int Attributes = 64;

    /// <summary>Gives the largest amount of money in micros, and the largest quantity of a meter.</summary>
    public const long Amount = 1_000_000_000_000_000;

    /// <summary>Gives the most units of one billing period.</summary>
    public const int PeriodCount = 1_000;

    /// <summary>Gives the most items of one price.</summary>
    public const long PricedQuantity = 1_000_000_000;
}
