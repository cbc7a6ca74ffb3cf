namespace Churn.Suite.Import.Csv;

/// <summary>Names what one fact says of a row.</summary>
internal enum RowField : byte
{
    /// <summary>Says nothing of a row: the fact is of no row.</summary>
    None,

    /// <summary>Says when the subscription starts, and on which terms.</summary>
    Start,

    /// <summary>Says that the subscription has ended.</summary>
    End,

    /// <summary>Says when the subscription is going to end.</summary>
    Cancel,

    /// <summary>Says what the customer is.</summary>
    Profile,
}
