namespace Churn.Notifications.Domain;

/// <summary>Names what the client had asked when the server answered.</summary>
public enum SmtpPhase : byte
{
    /// <summary>Is everything before the first mail: greeting, EHLO, STARTTLS, AUTH.</summary>
    Session,

    /// <summary>Is MAIL FROM.</summary>
    Sender,

    /// <summary>Is RCPT TO.</summary>
    Recipient,

    /// <summary>Is DATA, and the end of the mail.</summary>
    Content,
}

/// <summary>Holds what a mail server answered, and says what kind of refusal it is.</summary>
/// <param name="Code">The three digits.</param>
/// <param name="Text">The text after them.</param>
public sealed record SmtpReply(int Code, string Text)
{
    // Enhanced codes (RFC 3463) by which an address is dead: no such mailbox, host or syntax; moved; disabled; takes no mail.
    private static readonly string[] DeadAddress = ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"];

    /// <summary>Gives the enhanced status code at the start of the text, such as "5.1.1"; empty where there is none.</summary>
    public string Status
    {
        get
        {
            var word = Text.Split([' ', '\r', '\n'], 2)[0];
            var parts = word.Split('.');
            return parts.Length == 3 && parts[0] is "2" or "4" or "5" && parts[1..].All(part => part.Length is > 0 and <= 3 && part.All(char.IsAsciiDigit)) ? word : "";
        }
    }

    /// <summary>Gives the answer on one line.</summary>
    public override string ToString() => $"{Code} {Text.ReplaceLineEndings(" ").Trim()}";

    /// <summary>Says what a refusal means for the message.</summary>
    public Outcome Refusal(SmtpPhase phase)
    {
        var words = $"the mail server says: {this}";
        return phase switch
        {
            SmtpPhase.Session => new Outcome(OutcomeKind.Provider, words),

            // Whoever may not send, or must say who they are, may not whatever the message; one that is too large may not by itself.
            SmtpPhase.Sender when Code == 552 || Status.StartsWith("5.3.4", StringComparison.Ordinal) => new Outcome(OutcomeKind.Permanent, words),
            SmtpPhase.Sender when Code >= 500 || Code == 421 => new Outcome(OutcomeKind.Provider, words),
            _ when Code is 421 or 530 or 535 => new Outcome(OutcomeKind.Provider, words),
            _ when Code < 500 => new Outcome(OutcomeKind.Transient, words),
            _ => new Outcome(OutcomeKind.Permanent, words, IsAddressDead: DeadAddress.Contains(Status, StringComparer.Ordinal)),
        };
    }
}
