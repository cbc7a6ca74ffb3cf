using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using Churn.Admin.V1;
using Churn.Cli;
using Churn.Cli.Report;
using Churn.Cli.Report.Output;
using Churn.Cli.Report.Output.Terminal;
using Churn.Suite.Calls;

namespace Churn.Suite.Admin;

/// <summary>The command <c>churn admin tenants</c>: whose data is apart from whose.</summary>
internal static class TenantsCommand
{
    private const string CreateExamples =
        """
        Examples:
          churn admin tenants create acme --name "Acme Inc." --facts-per-second 500
          churn admin tenants create globex --spread 32

        """;

    private const string ListExamples =
        """
        Examples:
          churn admin tenants list

        """;

    private const string UpdateExamples =
        """
        Examples:
          churn admin tenants update acme --calls-per-second 100 --facts-per-month 5000000
          churn admin tenants update acme --calls-per-second 0

        """;

    public static Command Create(AdminCaller caller)
    {
        var tenants = new Command("tenants", "Tenants: whose data is apart from whose, and what each may use") { Make(caller), List(caller), Update(caller) };
        tenants.SetAction(new HelpAction().Invoke);
        return tenants;
    }

    private static Command Make(AdminCaller caller)
    {
        var id = IdArgument("Its id: a-z, 0-9 and -, at most 63");
        var name = NameOption("What people call it [default: its id]");
        var spread = TypedOption.Number("--spread", "Over how many of the 32 shards its customers go, fixed for good: more than 1 for a large one [default: 1]");
        var limits = new Limiting();
        return caller.Command("create", "Make a tenant", CreateExamples, [id, name, spread, .. limits.Options], async (parsed, call) =>
        {
            var request = new CreateTenantRequest
            {
                Id = parsed.GetValue(id),
                Name = parsed.GetValue(name) ?? "",
                Spread = parsed.GetValue(spread) ?? 0,
                Limits = new Limits
                {
                    CallsPerSecond = parsed.GetValue(limits.Calls) ?? 0, FactsPerSecond = parsed.GetValue(limits.Facts) ?? 0, FactsPerMonth = parsed.GetValue(limits.Month) ?? 0,
                },
            };
            Show(call, [(await call.AskAsync(options => call.Admin.CreateTenantAsync(request, options))).Tenant]);
            return 0;
        });
    }

    private static Command List(AdminCaller caller) => caller.Command("list", "The tenants", ListExamples, [], async (_, call) =>
    {
        var (all, _) = await Pages.GatherAsync(int.MaxValue, async (size, token) =>
        {
            var page = await call.AskAsync(options => call.Admin.ListTenantsAsync(new ListTenantsRequest { PageSize = size, PageToken = token }, options));
            return (page.Tenants, page.NextPageToken);
        });
        Show(call, all);
        return 0;
    });

    private static Command Update(AdminCaller caller)
    {
        var id = IdArgument("Its id");
        var name = NameOption("What people call it");
        var limits = new Limiting();
        return caller.Command("update", "Change a tenant's name or limits; what is left out stays", UpdateExamples, [id, name, .. limits.Options], async (parsed, call) =>
        {
            var request = new UpdateTenantRequest { Id = parsed.GetValue(id) };
            if (parsed.GetValue(name) is { } called)
            {
                request.Name = called;
            }

            if (parsed.GetValue(limits.Calls) is { } calls)
            {
                request.CallsPerSecond = calls;
            }

            if (parsed.GetValue(limits.Facts) is { } facts)
            {
                request.FactsPerSecond = facts;
            }

            if (parsed.GetValue(limits.Month) is { } month)
            {
                request.FactsPerMonth = month;
            }

            Show(call, [(await call.AskAsync(options => call.Admin.UpdateTenantAsync(request, options))).Tenant]);
            return 0;
        });
    }

    private static void Show(Call call, List<Tenant> tenants)
    {
        switch (call.Format)
        {
            case ReportFormat.Csv:
                Shown.WriteCsv(call, "id,name,spread,created,calls_per_second,facts_per_second,facts_per_month", tenants, (lines, tenant) => lines
                    .Cell(tenant.Id).Then(tenant.Name).Then(tenant.Spread).Then(tenant.CreateTime)
                    .Then(tenant.Limits.CallsPerSecond).Then(tenant.Limits.FactsPerSecond).Then(tenant.Limits.FactsPerMonth));
                break;
            case ReportFormat.Json:
                var all = new ListTenantsResponse();
                all.Tenants.AddRange(tenants);
                Shown.WriteJson(call, all);
                break;
            default:
                Shown.Page(call, canvas => Shown.WriteGrid(
                    canvas, new Grid().Left(1).Left(3), ["tenant", "name", "shards", "made (UTC)", "calls/s", "facts/s", "facts/month"],
                    tenants.Select(tenant => new[]
                    {
                        new Piece(tenant.Id, Ink.Strong), Shown.Safe(canvas, tenant.Name), tenant.Spread.ToString(CultureInfo.InvariantCulture), Shown.Minute(tenant.CreateTime),
                        Limit(tenant.Limits.CallsPerSecond), Limit(tenant.Limits.FactsPerSecond), Limit(tenant.Limits.FactsPerMonth),
                    })));
                break;
        }
    }

    private static string Limit(long limit) => limit == 0 ? "any" : Numerals.Count(limit);

    private static Argument<string> IdArgument(string description) => new("TENANT") { Description = description };

    private static Option<string> NameOption(string description) => TypedOption.Text("--name", "TEXT", description);

    /// <summary>Holds the options for what a tenant may use.</summary>
    private sealed class Limiting
    {
        public Option<long?> Calls { get; } = Of("--calls-per-second", "Calls a second at each server process; 0 for any number");

        public Option<long?> Facts { get; } = Of("--facts-per-second", "Facts a second at each server process; 0 for any number");

        public Option<long?> Month { get; } = Of("--facts-per-month", "Facts a calendar month of UTC; 0 for any number");

        public IEnumerable<Option> Options => [Calls, Facts, Month];

        private static Option<long?> Of(string name, string description) => TypedOption.Parsed<long?>(
            name, "N", description, "a whole number from 0 on", text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null);
    }
}
