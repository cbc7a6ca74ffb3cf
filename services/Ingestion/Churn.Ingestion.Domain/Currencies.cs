namespace Churn.Ingestion.Domain;

/// <summary>Knows the alphabetic codes of ISO 4217: those in use, and those that were, because a customer's history is older than they are.</summary>
/// <remarks>The code that says "no currency" is left out: an amount is in one.</remarks>
public static class Currencies
{
    private const int Letters = 26;
    private const int CodeLength = 3;

    private const string InUse =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU "
        + "CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY "
        + "KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR "
        + "NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY "
        + "TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA "
        + "YER ZAR ZMW ZWG";

    private const string Withdrawn =
        "ADP AFA ALK ANG AOK AON AOR ARA ARP ARY ATS AYM AZM BAD BEC BEF BEL BGJ BGK BGL BOP BRB BRC BRE BRN BRR BUK BYB BYR CHC CSD CSJ CSK CUC CYP "
        + "DDM DEM ECS ECV EEK ESA ESB ESP FIM FRF GEK GHC GHP GNE GNS GQE GRD GWE GWP HRD HRK IEP ILP ILR ISJ ITL LAJ LSM LTL LTT LUC LUF LUL LVL LVR "
        + "MGF MLF MRO MTL MTP MVQ MXP MZE MZM NIC NLG PEH PEI PES PLZ PTE RHD ROK ROL RUR SDD SDP SIT SKK SLL SRG STD SUR TJR TMM TPE TRL UAK UGS UGW "
        + "USS UYN UYP VEB VEF VNC XEU XFO XFU XRE YDD YUD YUM YUN ZAL ZMK ZRN ZRZ ZWC ZWD ZWL ZWN ZWR";

    private static readonly bool[] Known = Read(InUse + " " + Withdrawn);

    /// <summary>Tells whether ISO 4217 has, or had, this code: three upper-case letters.</summary>
    public static bool IsKnown(ReadOnlySpan<char> code) => IsCode(code) && Known[Place(code)];

    /// <summary>Tells whether a text has the form of a code: three upper-case letters of a to z.</summary>
    public static bool IsCode(ReadOnlySpan<char> code) => code.Length == CodeLength && !code.ContainsAnyExceptInRange('A', 'Z');

    private static int Place(ReadOnlySpan<char> code) => ((((code[0] - 'A') * Letters) + code[1] - 'A') * Letters) + code[2] - 'A';

    private static bool[] Read(string codes)
    {
        var known = new bool[Letters * Letters * Letters];
        foreach (var code in codes.Split(' '))
        {
            known[Place(code)] = true;
        }

        return known;
    }
}
