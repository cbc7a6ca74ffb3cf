using System.Runtime.InteropServices;

namespace Churn.Cli.Generate;

internal enum Industry
{
    Software,
    Retail,
    Finance,
    Health,
    Education,
    Hospitality,
}

internal enum Channel
{
    Organic,
    Paid,
    Partner,
    Sales,
}

internal enum Size
{
    SelfEmployed,
    Small,
    Mid,
    Enterprise,
}

internal enum Offer
{
    None,
    Discount,
    FreeMonths,
}

/// <summary>What a customer is; drawn once, each attribute without regard to the others.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Profile(int Country, Industry Industry, Channel Channel, Size Size, Offer Offer)
{
    private static readonly string[] Countries = ["US", "GB", "DE", "FR", "CA", "AU", "IN", "BR"];
    private static readonly string[] Industries = ["software", "retail", "finance", "health", "education", "hospitality"];
    private static readonly string[] Channels = ["organic", "paid", "partner", "sales"];
    private static readonly string[] Sizes = ["self-employed", "small", "mid", "enterprise"];
    private static readonly string[] Offers = ["none", "discount", "free-months"];

    public string CountryName => Countries[Country];

    public string IndustryName => Industries[(int)Industry];

    public string ChannelName => Channels[(int)Channel];

    public string SizeName => Sizes[(int)Size];

    public string OfferName => Offers[(int)Offer];

    public static Profile Draw(ref SplitMix64 random) => new(
        random.Pick([40, 15, 12, 8, 8, 6, 6, 5]),
        (Industry)random.Pick([30, 20, 15, 12, 13, 10]),
        (Channel)random.Pick([35, 30, 15, 20]),
        (Size)random.Pick([35, 37, 20, 8]),
        (Offer)random.Pick([60, 25, 15]));
}
