using System.Security.Cryptography;
using System.Text;
using Churn.ServiceDefaults.Storage;

namespace Churn.Notifications.Sending.Webhooks;

/// <summary>Signs webhooks as Standard Webhooks does: HMAC-SHA256 of "id.timestamp.body".</summary>
internal sealed class WebhookSigner
{
    public const string FileName = "webhook-secret";

    private const string Prefix = "whsec_";
    private const int SecretBytes = 32;

    private readonly byte[] _secret;

    public WebhookSigner(NotificationsOptions options) => _secret = Read(options.WebhookSecret ?? Own(Path.Combine(options.DataFolder, FileName)));

    /// <summary>Gives the header webhook-signature.</summary>
    public string Sign(string id, string timestamp, ReadOnlySpan<byte> body) =>
        "v1," + Convert.ToBase64String(HMACSHA256.HashData(_secret, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body]));

    private static byte[] Read(string text)
    {
        var bytes = new byte[text.Length];
        return text.StartsWith(Prefix, StringComparison.Ordinal) && Convert.TryFromBase64String(text[Prefix.Length..].Trim(), bytes, out var count) && count is >= 24 and <= 64
            ? bytes[..count]
            : throw new StorageException("The secret of webhooks is none; write whsec_ and the base64 of 24 to 64 random bytes, or leave it out for one of its own.");
    }

    // Whoever receives webhooks needs it: it is there to be read, by this user alone.
    private static string Own(string path)
    {
        if (path == FileName)
        {
            throw new StorageException("Webhooks are signed with one secret by all replicas: give it with --webhook-secret or CHURN_WEBHOOK_SECRET, as whsec_ and the base64 of 24 to 64 random bytes.");
        }

        try
        {
            if (!File.Exists(path))
            {
                var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
                if (!OperatingSystem.IsWindows())
                {
                    options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
                }

                using var writer = new StreamWriter(path, options);
                writer.WriteLine(Prefix + Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));
            }

            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{path} cannot be used ({e.Message.ReplaceLineEndings(" ")}).", e);
        }
    }
}
