using Churn.Notifications.Domain;
using Churn.Notifications.Storage;
using Churn.ServiceDefaults.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Happened = Churn.Ingestion.V1.MessageEvent.Types.Event;

namespace Churn.Notifications.Pages;

/// <summary>Answers the links in mails, over HTTP/1.1: whoever holds one needs no login, and a look alone changes nothing.</summary>
internal static class NotificationPages
{
    private const int MostClicks = 100;

    // A transparent picture of one dot.
    private static readonly byte[] Dot = Convert.FromBase64String("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7");

    /// <summary>Maps the pages.</summary>
    public static void MapNotificationPages(this IEndpointRouteBuilder endpoints)
    {
        var pages = endpoints.MapGroup(LinkTokens.Path);
        pages.MapGet("/u/{token}", (HttpContext context) => AnswerAsync(context, LinkKind.Unsubscribe, ShowAsync));
        pages.MapPost("/u/{token}", (HttpContext context) => AnswerAsync(context, LinkKind.Unsubscribe, UnsubscribeAsync));
        pages.MapGet("/c/{token}", (HttpContext context) => AnswerAsync(context, LinkKind.Click, ClickAsync));
        pages.MapGet("/o/{token}", (HttpContext context) => AnswerAsync(context, LinkKind.Open, OpenAsync));
    }

    private static async Task AnswerAsync(HttpContext context, LinkKind kind, Func<Request, Task> answer)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        headers["Referrer-Policy"] = "no-referrer";
        headers["X-Robots-Tag"] = "noindex, nofollow";
        var services = context.RequestServices;
        var store = services.GetRequiredService<NotificationsStore>();
        var link = services.GetRequiredService<LinkTokens>().Read(kind, context.Request.RouteValues["token"] as string ?? "");
        if (link is null)
        {
            await PageAsync(context, StatusCodes.Status400BadRequest, "This link is not whole", "<p>It was cut off or changed on its way. Please copy all of it from the mail.</p>");
            return;
        }

        if (store.Read(connection => Messages.FindByLink(connection, link.Value.Message)) is not { } message)
        {
            await PageAsync(context, StatusCodes.Status404NotFound, "This link leads nowhere", "<p>What it belongs to is not here any more.</p>");
            return;
        }

        await answer(new Request(context, store, services.GetRequiredService<TimeProvider>().Now(), message, link.Value.Target));
    }

    private static Task ShowAsync(Request request) => PageAsync(
        request.Context, StatusCodes.Status200OK, "Unsubscribe", $"<p>{What(request.Message)}</p><form method=\"post\"><button type=\"submit\">Unsubscribe</button></form>");

    // The body is that of the button, or "List-Unsubscribe=One-Click" of a mail program; whoever posts here means it.
    private static async Task UnsubscribeAsync(Request request)
    {
        request.Store.Write(connection =>
        {
            var message = request.Message;
            var (customer, contact) = (message.Request.Recipient.CustomerId, message.Request.Recipient.ContactId);
            People.SetPreference(connection, message.Tenant, customer, contact, new Preference(message.Channel, message.Category, IsWanted: false));
            Messages.LookAgain(connection, message.Tenant, customer, contact, request.Now);
            Note(connection, request, "UNSUBSCRIBED", message.Category, Happened.Unsubscribed, "unsubscribed");
        });
        await PageAsync(request.Context, StatusCodes.Status200OK, "You are unsubscribed", "<p>You will get no more messages of this kind. Messages that belong to a contract of yours still come.</p>");
    }

    private static Task ClickAsync(Request request)
    {
        request.Store.Write(connection =>
        {
            if (!Messages.HasEvent(connection, request.Message, "CLICKED", request.Target) && Messages.CountEvents(connection, request.Message, "CLICKED") is var clicks and < MostClicks)
            {
                Note(connection, request, "CLICKED", request.Target, Happened.Clicked, $"clicked:{clicks + 1}", once: false);
            }
        });
        request.Context.Response.StatusCode = StatusCodes.Status302Found;
        request.Context.Response.Headers.Location = new Uri(request.Target).AbsoluteUri;
        return Task.CompletedTask;
    }

    private static async Task OpenAsync(Request request)
    {
        request.Store.Write(connection => Note(connection, request, "OPENED", "", Happened.Opened, "opened"));
        request.Context.Response.ContentType = "image/gif";
        await request.Context.Response.Body.WriteAsync(Dot, request.Context.RequestAborted);
    }

    private static void Note(DatabaseConnection connection, Request request, string word, string detail, Happened happened, string name, bool once = true)
    {
        if (once && Messages.HasEvent(connection, request.Message, word))
        {
            return;
        }

        Messages.AddEvent(connection, Messages.Get(connection, request.Message.Seq), word, detail, request.Now);
        Outbox.Add(connection, request.Message, happened, name, detail, request.Now);
    }

    private static string What(MessageRow message) => message.Category.Length > 0
        ? $"Do you want no more messages about <b>{System.Text.Encodings.Web.HtmlEncoder.Default.Encode(message.Category)}</b>?"
        : "Do you want no more messages of this kind?";

    private static async Task PageAsync(HttpContext context, int status, string title, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(
            $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{title}}</title>
            <style>body { font-family: sans-serif; max-width: 32em; margin: 4em auto; padding: 0 1em; line-height: 1.5 } button { font: inherit; padding: .5em 1em }</style></head>
            <body><h1>{{title}}</h1>{{body}}</body>
            </html>

            """,
            context.RequestAborted);
    }

    /// <summary>Holds a call with the message that its link belongs to.</summary>
    private sealed record Request(HttpContext Context, NotificationsStore Store, DateTimeOffset Now, MessageRow Message, string Target);
}
