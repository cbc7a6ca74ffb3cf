namespace Churn.Playbooks.Domain;

/// <summary>Chooses whom a message reaches.</summary>
public static class Recipients
{
    /// <summary>
    /// Chooses a person by role: one who has it and an address, else anybody with an address, else the customer's attribute "email". Where
    /// nobody has an address the one with the role stays, and the message tells that it has none.
    /// </summary>
    /// <param name="profile">What is known of the customer.</param>
    /// <param name="role">The role; null for the customer itself, whose own attribute comes before its persons' addresses.</param>
    /// <param name="needsAddress">Whether the way there is an e-mail address.</param>
    public static Recipient Choose(Profile profile, string? role, bool needsAddress)
    {
        var own = Attribute(profile, "email");
        var persons = profile.Contacts.OrderBy(person => person.Id, StringComparer.Ordinal).ToList();
        var withRole = role is null ? null : persons.Find(person => IsOf(person, role) && person.Email.Length > 0) ?? persons.Find(person => IsOf(person, role));
        if (!needsAddress)
        {
            return withRole is null ? Customer(profile, own) : Person(profile, withRole);
        }

        if (withRole is { Email.Length: > 0 })
        {
            return Person(profile, withRole);
        }

        var anybody = persons.Find(person => person.Email.Length > 0);
        return (role is null && own.Length > 0) || (anybody is null && own.Length > 0) ? Customer(profile, own)
            : anybody is not null ? Person(profile, anybody)
            : withRole is not null ? Person(profile, withRole)
            : Customer(profile, "");
    }

    private static bool IsOf(Contact person, string role) => string.Equals(person.Role, role, StringComparison.Ordinal);

    private static Recipient Person(Profile profile, Contact person) => new(
        person.Id,
        person.Name,
        person.Email,
        person.Locale.Length > 0 ? person.Locale : Attribute(profile, "locale"),
        person.TimeZone.Length > 0 ? person.TimeZone : Attribute(profile, "time_zone"));

    private static Recipient Customer(Profile profile, string email) =>
        new("", Attribute(profile, "name"), email, Attribute(profile, "locale"), Attribute(profile, "time_zone"));

    private static string Attribute(Profile profile, string name) => profile.Attributes.GetValueOrDefault(name, "");
}
