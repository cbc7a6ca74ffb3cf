using System.CommandLine;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.Notifications.V1;
using Churn.Suite.Calls;

namespace Churn.Suite.Notify;

/// <summary>The command <c>churn notify preferences</c>: what a person wants.</summary>
internal static class PreferencesCommand
{
    private const string Details =
        """
        Without --wanted, --unwanted and --quiet it shows what a person wants; with them it changes that, and leaves the rest as it
        is. WHAT is a category, a channel (email, in-app, webhook), or both: onboarding, email, email:onboarding. Everything is
        wanted that nothing was said about. Messages that belong to a contract are sent whatever is said here.

        """ + Caller.ExitStatus + """
        Examples:
          churn notify preferences --customer acme
          churn notify preferences --customer acme --contact ana --unwanted email:onboarding --quiet 21:00-08:00

        """;

    public static Command Create(Caller caller)
    {
        var customer = NotifyCommand.CustomerOption("The customer", isRequired: true);
        var contact = NotifyCommand.ContactOption();
        var wanted = Option("--wanted", "Sends this again; may be repeated");
        var unwanted = Option("--unwanted", "Sends no more of this; may be repeated");
        var quiet = TypedOption.Parsed(
            "--quiet", "HH:MM-HH:MM", "Leaves the person in peace between these times of the day, in the person's zone", "two times of the day such as 21:00-08:00",
            text => text.Split('-') is [var from, var to] && IsTime(from) && IsTime(to) ? new QuietHours { From = from, To = to } : null);
        return caller.Command("preferences", "What a person wants of channels and categories", Details, [customer, contact, wanted, unwanted, quiet], async (parsed, call) =>
        {
            var person = new Person { CustomerId = parsed.GetValue(customer), ContactId = parsed.GetValue(contact) ?? "" };
            var now = await call.AskAsync(options => call.Messages.GetPreferencesAsync(new GetPreferencesRequest { Person = person }, options));
            Preference[] changes = [.. (parsed.GetValue(wanted) ?? []).Select(w => Read(w, true)), .. (parsed.GetValue(unwanted) ?? []).Select(w => Read(w, false))];
            if (changes.Length > 0 || parsed.GetValue(quiet) is not null)
            {
                foreach (var change in changes)
                {
                    if (now.Preferences.FirstOrDefault(p => p.Channel == change.Channel && p.Category == change.Category) is { } before)
                    {
                        now.Preferences.Remove(before);
                    }

                    now.Preferences.Add(change);
                }

                now.QuietHours = parsed.GetValue(quiet) ?? now.QuietHours;
                var request = new SetPreferencesRequest { Person = person, QuietHours = now.QuietHours };
                request.Preferences.AddRange(now.Preferences);
                await call.AskAsync(options => call.Messages.SetPreferencesAsync(request, options));
            }

            Show(call, now);
            return 0;
        });
    }

    private static Option<string[]> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "WHAT",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private static Preference Read(string what, bool wanted)
    {
        var colon = what.IndexOf(':', StringComparison.Ordinal);
        var first = colon < 0 ? what : what[..colon];
        var channel = NotifyCommand.Channels.FirstOrDefault(c => c.Word == first).Value;
        return channel == Channel.Unspecified
            ? new Preference { Category = what, Wanted = wanted }
            : new Preference { Channel = channel, Category = colon < 0 ? "" : what[(colon + 1)..], Wanted = wanted };
    }

    private static bool IsTime(string text) =>
        text is [>= '0' and <= '2', >= '0' and <= '9', ':', >= '0' and <= '5', >= '0' and <= '9'] && string.CompareOrdinal(text, "24:00") < 0;

    private static void Show(Call call, GetPreferencesResponse answer)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "channel,category,wanted", answer.Preferences, (lines, p) =>
                    lines.Cell(p.Channel == Channel.Unspecified ? "" : Shown.Word(p.Channel)).Then(p.Category).Then(p.Wanted ? "true" : "false"));
                break;
            case ReportFormat.Json:
                Shown.WriteJson(call, answer);
                break;
            default:
                Shown.Page(call, canvas => WritePage(canvas, answer));
                break;
        }
    }

    private static void WritePage(Canvas canvas, GetPreferencesResponse answer)
    {
        foreach (var preference in answer.Preferences)
        {
            var channel = preference.Channel == Channel.Unspecified ? "every channel" : Shown.Word(preference.Channel).Replace('_', '-');
            var category = preference.Category.Length == 0 ? "everything" : Shown.Safe(canvas, preference.Category);
            canvas.Line($"{category} by {channel}: ", preference.Wanted ? new Piece("wanted", Ink.Gain) : new Piece("not wanted", Ink.Loss));
        }

        canvas.Line(answer.Preferences.Count == 0 ? "Nothing was said: everything is wanted." : "Everything else is wanted.");
        if (answer.QuietHours is { } quiet)
        {
            canvas.Line($"Left in peace from {Shown.Safe(canvas, quiet.From)} to {Shown.Safe(canvas, quiet.To)}, in the person's zone.");
        }
    }
}
