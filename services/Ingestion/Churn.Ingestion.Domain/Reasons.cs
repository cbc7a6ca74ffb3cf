namespace Churn.Ingestion.Domain;

/// <summary>Lists the words that say why a fact is not recorded. Clients program against them: they never change.</summary>
public static class Reasons
{
    /// <summary>Says that a field that is required is absent or empty.</summary>
    public const string FieldMissing = "FIELD_MISSING";

    /// <summary>Says that a field is outside its range or not of its form.</summary>
    public const string FieldInvalid = "FIELD_INVALID";

    /// <summary>Says that a fact lies further ahead of the server's clock than clocks differ.</summary>
    public const string FactInFuture = "FACT_IN_FUTURE";

    /// <summary>Says that a currency's code is none of ISO 4217.</summary>
    public const string CurrencyUnknown = "CURRENCY_UNKNOWN";

    /// <summary>Says that another fact is recorded under the same identity.</summary>
    public const string IdentityConflict = "IDENTITY_CONFLICT";

    /// <summary>Says that what a fact retracts is a retraction.</summary>
    public const string RetractionOfRetraction = "RETRACTION_OF_RETRACTION";

    /// <summary>Says that what a fact retracts is about another customer.</summary>
    public const string RetractsOtherCustomer = "RETRACTS_OTHER_CUSTOMER";
}
