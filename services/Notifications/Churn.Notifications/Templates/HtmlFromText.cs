using System.Text.Encodings.Web;
using MimeKit.Text;

namespace Churn.Notifications.Templates;

/// <summary>Makes HTML of a template's text, for templates that have none of their own.</summary>
internal static class HtmlFromText
{
    public static string Make(string text, string locale)
    {
        var body = new TextToHtml { OutputHtmlFragment = true }.Convert(text.TrimEnd());
        return $"""
            <!DOCTYPE html>
            <html lang="{HtmlEncoder.Default.Encode(locale)}">
            <head><meta charset="utf-8"></head>
            <body style="font-family: sans-serif; line-height: 1.5; max-width: 40em">
            {body}
            </body>
            </html>

            """;
    }
}
