using System.Globalization;
using Churn.Notifications.Domain;
using Churn.Notifications.Sending;
using Churn.Notifications.Storage;
using Churn.Notifications.Taking;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Errors;
using Churn.ServiceDefaults.Grpc;
using Grpc.Core;

namespace Churn.Notifications;

/// <summary>What people want, the addresses that are sent nothing, and the inbox.</summary>
internal sealed partial class NotificationsApi
{
    private const int MostPreferences = 100;
    private const int InboxPage = 100;
    private static readonly TimeSpan LongestLook = TimeSpan.FromHours(1);

    public override Task<V1.GetPreferencesResponse> GetPreferences(V1.GetPreferencesRequest request, ServerCallContext context)
    {
        Refuse(RequestCheck.OfPerson(request.Person));
        var tenant = context.Caller().Tenant;
        var (customer, contact) = (request.Person.CustomerId, request.Person.ContactId);
        return Task.FromResult(store.Read(connection =>
        {
            var response = new V1.GetPreferencesResponse();
            response.Preferences.AddRange(People.PreferencesOf(connection, tenant, customer, contact).Select(preference => preference.ToWire()));
            if (People.QuietHoursOf(connection, tenant, customer, contact) is { } quiet)
            {
                response.QuietHours = new V1.QuietHours { From = People.Text(quiet.From), To = People.Text(quiet.To) };
            }

            return response;
        }, context.CancellationToken));
    }

    public override Task<V1.SetPreferencesResponse> SetPreferences(V1.SetPreferencesRequest request, ServerCallContext context)
    {
        Refuse(RequestCheck.OfPerson(request.Person));
        if (request.Preferences.Count > MostPreferences)
        {
            throw Faults.Invalid(RequestCheck.Invalid, "preferences", $"There are {request.Preferences.Count} preferences; give at most {MostPreferences}.");
        }

        foreach (var (i, preference) in request.Preferences.Index())
        {
            Refuse(RequestCheck.Text($"preferences[{i}].category", preference.Category));
            if (!Enum.IsDefined(preference.Channel))
            {
                throw Faults.Invalid(RequestCheck.Invalid, $"preferences[{i}].channel", "There is no such channel.");
            }
        }

        var quiet = request.QuietHours is null ? null : QuietHoursOf(request.QuietHours);
        var tenant = context.Caller().Tenant;
        var (customer, contact) = (request.Person.CustomerId, request.Person.ContactId);
        store.Write(connection =>
        {
            People.ClearPreferences(connection, tenant, customer, contact);
            foreach (var preference in request.Preferences)
            {
                Channel? channel = preference.Channel == V1.Channel.Unspecified ? null : (Channel)preference.Channel;
                People.SetPreference(connection, tenant, customer, contact, new Preference(channel, preference.Category, preference.Wanted));
            }

            People.SetQuietHours(connection, tenant, customer, contact, quiet);
            Messages.LookAgain(connection, tenant, customer, contact, clock.Now());
        });
        return Task.FromResult(new V1.SetPreferencesResponse());
    }

    public override Task<V1.AddSuppressionResponse> AddSuppression(V1.AddSuppressionRequest request, ServerCallContext context)
    {
        var asked = request.Suppression ?? throw Faults.Invalid(RequestCheck.Missing, "suppression", "Say which address, and why.");
        Refuse(RequestCheck.Email("suppression.email", asked.Email) ?? RequestCheck.Id("suppression.reason", asked.Reason) ?? RequestCheck.Text("suppression.reason", asked.Reason, 64));
        var tenant = context.Caller().Tenant;
        var row = store.Write(connection => People.Suppress(connection, tenant, asked.Email, asked.Reason, asked.Transactional, clock.Now()));
        return Task.FromResult(new V1.AddSuppressionResponse { Suppression = row.ToWire() });
    }

    public override Task<V1.RemoveSuppressionResponse> RemoveSuppression(V1.RemoveSuppressionRequest request, ServerCallContext context)
    {
        Refuse(RequestCheck.Email("email", request.Email));
        var tenant = context.Caller().Tenant;
        store.Write(connection => People.Release(connection, tenant, request.Email));
        return Task.FromResult(new V1.RemoveSuppressionResponse());
    }

    public override Task<V1.ListSuppressionsResponse> ListSuppressions(V1.ListSuppressionsRequest request, ServerCallContext context)
    {
        var tenant = context.Caller().Tenant;
        var bound = $"suppressions {tenant}";
        var size = PageSize(request.PageSize);
        var (time, email) = (long.MaxValue, "");
        if (request.PageToken.Length > 0)
        {
            var place = PageToken.Read(request.PageToken, bound)?.Split(' ', 2);
            (time, email) = place?.Length == 2 && long.TryParse(place[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
                ? (at, place[1])
                : throw NotificationsFaults.PageTokenInvalid();
        }

        var found = store.Read(connection => People.Suppressions(connection, tenant, time, email, size + 1), context.CancellationToken);
        var response = new V1.ListSuppressionsResponse();
        response.Suppressions.AddRange(found.Take(size).Select(row => row.ToWire()));
        response.NextPageToken = found.Count > size ? PageToken.Write($"{found[size - 1].Time.ToMicros()} {found[size - 1].Email}", bound) : "";
        return Task.FromResult(response);
    }

    public override async Task StreamInbox(V1.StreamInboxRequest request, IServerStreamWriter<V1.StreamInboxResponse> responseStream, ServerCallContext context)
    {
        Refuse(RequestCheck.OfPerson(request.Person));
        var tenant = context.Caller().Tenant;
        var (customer, contact) = (request.Person.CustomerId, request.Person.ContactId);
        var after = 0L;
        if (request.AfterMessageId.Length > 0)
        {
            after = store.Read(connection => MailRows.PlaceInInbox(connection, tenant, customer, contact, request.AfterMessageId), context.CancellationToken)
                ?? throw Faults.Invalid(RequestCheck.Invalid, "after_message_id", $"'{request.AfterMessageId}' is no message in this inbox; give the last one that came, or nothing.");
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, lifetime.ApplicationStopping);
        try
        {
            while (true)
            {
                // Taken before the look, so that what comes in between is seen at the next turn.
                var written = store.NextWrite;
                var found = store.Read(connection => MailRows.Inbox(connection, tenant, customer, contact, after, InboxPage)
                    .ConvertAll(at => (at.Place, at.Time, Message: Messages.FindById(connection, tenant, at.Message)!)), context.CancellationToken);
                foreach (var (place, time, message) in found)
                {
                    await responseStream.WriteAsync(
                        new V1.StreamInboxResponse
                        {
                            MessageId = message.Id,
                            Title = message.Subject,
                            Text = message.Text,
                            Time = time.ToWire(),
                            Template = message.Request.Template,
                        },
                        either.Token);
                    after = place;
                }

                var fresh = found.Where(at => at.Message.Standing.State == MessageState.Sent).Select(at => at.Message.Id).ToList();
                if (fresh.Count > 0)
                {
                    store.Write(connection => Streamed(connection, tenant, fresh));
                }

                if (found.Count == 0)
                {
                    await written.WaitAsync(store.Rest(LongestLook), clock, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    either.Token.ThrowIfCancellationRequested();
                }
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested && !context.CancellationToken.IsCancellationRequested)
        {
            throw NotificationsFaults.Stopping();
        }
    }

    private void Streamed(ServiceDefaults.Storage.DatabaseConnection connection, string tenant, List<string> ids)
    {
        foreach (var id in ids)
        {
            var message = Messages.FindById(connection, tenant, id)!;
            MessageChanges.Apply(connection, message, message.Standing.Deliver("it was shown"), clock.Now());
        }
    }

    private static QuietHours QuietHoursOf(V1.QuietHours wire)
    {
        var quiet = new QuietHours(Clock("quiet_hours.from", wire.From), Clock("quiet_hours.to", wire.To));
        return quiet.From != quiet.To
            ? quiet
            : throw Faults.Invalid(RequestCheck.Invalid, "quiet_hours.to", $"Quiet hours from {wire.From} to {wire.To} would never end; to send nothing at all, say that nothing is wanted.");

        static TimeOnly Clock(string field, string text) => TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var clock)
            ? clock
            : throw Faults.Invalid(RequestCheck.Invalid, field, $"{field} is '{(text.Length <= 20 ? text : text[..20])}', which is no time of day; give one such as 21:30.");
    }
}
