using System.CommandLine;
using System.CommandLine.Help;
using Churn.Access.V1;
using Churn.Admin.V1;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output.Terminal;
using Churn.ServiceDefaults.Access;
using Churn.Suite.Calls;
using Churn.Suite.Metrics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ApiKey = Churn.Admin.V1.ApiKey;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin keys</c>: who may call.</summary>
internal static class KeysCommand
{
    private const string CreateExamples =
        """
        Examples:
          churn admin keys create --data /var/lib/churn --scope admin --label "the first"
          churn admin keys create --tenant acme --scope ingest --scope read --label "billing export" --expires 2030-01-01
          CHURN_KEY=$(churn admin keys create --scope read)

        """;

    private const string ListExamples =
        """
        Examples:
          churn admin keys list --tenant acme
          churn admin keys list --ended --format csv

        """;

    private const string RotateExamples =
        """
        Examples:
          churn admin keys rotate b7c9dfghjkmn --overlap 2d

        """;

    private const string RevokeExamples =
        """
        Examples:
          churn admin keys revoke b7c9dfghjkmn

        """;

    private static readonly (string Word, Scope Value)[] Scopes = [.. ScopeSet.All.Scopes.Select(scope => (ScopeSet.WordOf(scope), scope))];

    public static Command Create(AdminCaller caller)
    {
        var keys = new Command("keys", "API keys: who may call, for which tenant, and for what") { Make(caller), List(caller), Rotate(caller), Revoke(caller) };
        keys.SetAction(new HelpAction().Invoke);
        return keys;
    }

    private static Command Make(AdminCaller caller)
    {
        var tenant = TypedOption.Text("--tenant", "ID", "The tenant that its calls are bound to [default: default]");
        var scopes = TypedOption.Choices(
            "--scope", "SCOPE", $"What it may be used for: {string.Join(", ", Scopes.Select(s => s.Word))}; may be repeated", Scopes);
        var label = TypedOption.Text("--label", "TEXT", "What it is for");
        var expires = TypedOption.Instant("--expires", "From when it is refused [default: never]");
        return caller.Command("create", "Make a key; it is shown once", CreateExamples, [tenant, scopes, label, expires], async (parsed, call) =>
        {
            var request = new CreateKeyRequest { Tenant = parsed.GetValue(tenant) ?? "", Label = parsed.GetValue(label) ?? "", ExpireTime = TimeOf(parsed.GetValue(expires)) };
            request.Scopes.AddRange(parsed.GetValue(scopes) ?? []);
            var made = await call.AskAsync(options => call.Admin.CreateKeyAsync(request, options));
            ShowSecret(call, made.Key, made.Secret, made);
            return 0;
        });
    }

    private static Command List(AdminCaller caller)
    {
        var tenant = TypedOption.Text("--tenant", "ID", "Only those of this tenant");
        var ended = new Option<bool>("--ended") { Description = "Also those that are revoked or expired" };
        return caller.Command("list", "The keys, without their secrets", ListExamples, [tenant, ended], async (parsed, call) =>
        {
            var request = new ListKeysRequest { Tenant = parsed.GetValue(tenant) ?? "", Ended = parsed.GetValue(ended) };
            var (all, _) = await Pages.GatherAsync(int.MaxValue, async (size, token) =>
            {
                (request.PageSize, request.PageToken) = (size, token);
                var page = await call.AskAsync(options => call.Admin.ListKeysAsync(request, options));
                return (page.Keys, page.NextPageToken);
            });
            Show(call, all);
            return 0;
        });
    }

    private static Command Rotate(AdminCaller caller)
    {
        var id = IdArgument();
        var overlap = Spans.Option("--overlap", "How long the old key goes on [default: 1d]");
        var expires = TypedOption.Instant("--expires", "From when the new key is refused [default: never]");
        return caller.Command("rotate", "Make a key in the place of another, which goes on for a while", RotateExamples, [id, overlap, expires], async (parsed, call) =>
        {
            var request = new RotateKeyRequest
            {
                Id = parsed.GetValue(id),
                Overlap = parsed.GetValue(overlap) is { } span ? Duration.FromTimeSpan(span) : null,
                ExpireTime = TimeOf(parsed.GetValue(expires)),
            };
            var made = await call.AskAsync(options => call.Admin.RotateKeyAsync(request, options));
            ShowSecret(call, made.Key, made.Secret, made);
            call.Tell($"key {made.Old.Id} goes on until {Shown.Time(made.Old.ExpireTime)} UTC");
            return 0;
        });
    }

    private static Command Revoke(AdminCaller caller)
    {
        var id = IdArgument();
        return caller.Command("revoke", "End a key: every server refuses it within five seconds", RevokeExamples, [id], async (parsed, call) =>
        {
            var request = new RevokeKeyRequest { Id = parsed.GetValue(id) };
            Show(call, [(await call.AskAsync(options => call.Admin.RevokeKeyAsync(request, options))).Key]);
            return 0;
        });
    }

    // The key alone is what a script wants; what a person wants to know beside it goes where scripts do not read.
    private static void ShowSecret(Call call, ApiKey key, string secret, IMessage answer)
    {
        if (call.Format == ReportFormat.Json)
        {
            Shown.WriteJson(call, answer);
            return;
        }

        call.Streams.Output.Write(System.Text.Encoding.ASCII.GetBytes(secret + "\n"));
        var until = key.ExpireTime is null ? "" : $", until {Shown.Time(key.ExpireTime)} UTC";
        call.Tell($"key {key.Id} of {key.Tenant}, for {Words(key)}{until}: keep it now, it is not shown again");
    }

    private static void Show(Call call, List<ApiKey> keys)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "id,tenant,scopes,label,created,expires,revoked,last_used", keys, (lines, key) => lines
                    .Cell(key.Id).Then(key.Tenant).Then(Words(key)).Then(key.Label).Then(key.CreateTime).Then(key.ExpireTime).Then(key.RevokeTime).Then(key.LastUseTime));
                break;
            case ReportFormat.Json:
                var all = new ListKeysResponse();
                all.Keys.AddRange(keys);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, canvas =>
                {
                    if (keys.Count == 0)
                    {
                        canvas.Line("There is no key.");
                        return;
                    }

                    Shown.WriteGrid(
                        canvas, new Grid().Left(1).Left(2).Left(3).Left(4).Left(5).Left(6), ["key", "tenant", "for", "label", "made (UTC)", "ends (UTC)", "last used (UTC)"],
                        keys.Select(key => new[]
                        {
                            new Piece(key.Id, Ink.Strong), key.Tenant, Words(key), Shown.Safe(canvas, key.Label), Shown.Minute(key.CreateTime),
                            key.RevokeTime is null ? Shown.Minute(key.ExpireTime) : $"{Shown.Minute(key.RevokeTime)} revoked", Shown.Minute(key.LastUseTime),
                        }));
                });
                break;
        }
    }

    private static string Words(ApiKey key) => string.Join(' ', key.Scopes.Select(ScopeSet.WordOf));

    private static Timestamp? TimeOf(long? instant) => instant is { } micros ? Wire.Timestamp(micros) : null;

    private static Argument<string> IdArgument() => new("KEY") { Description = "The key's id, as churn admin keys list shows it" };
}
