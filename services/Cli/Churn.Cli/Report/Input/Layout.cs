namespace Churn.Cli.Report.Input;

/// <summary>Says how the price of a row is written.</summary>
internal enum PriceShape
{
    /// <summary>A decimal number of units a month.</summary>
    MonthlyUnits,

    /// <summary>A whole number of cents a month.</summary>
    MonthlyCents,

    /// <summary>A decimal number of units a billing period.</summary>
    Units,

    /// <summary>A whole number of cents a billing period.</summary>
    Cents,
}

/// <summary>Says which column of a file is what; -1 for a column that it does not have.</summary>
internal sealed class Layout
{
    /// <summary>Lists the columns that mean something by their name.</summary>
    public static readonly IReadOnlyList<string> Known =
    [
        "customer_id", "subscription_id", "plan", "start_at", "end_at", "currency", "mrr", "mrr_cents", "amount",
        "amount_cents", "billing_period", "recorded_at",
    ];

    // What exports call the same thing; a column of such a name is more likely a mistake than an attribute.
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal)
    {
        ["customer"] = "customer_id", ["account_id"] = "customer_id", ["client_id"] = "customer_id", ["user_id"] = "customer_id",
        ["subscription"] = "subscription_id", ["sub_id"] = "subscription_id",
        ["plan_name"] = "plan", ["plan_id"] = "plan", ["product"] = "plan",
        ["start"] = "start_at", ["start_date"] = "start_at", ["started_at"] = "start_at", ["started"] = "start_at",
        ["end"] = "end_at", ["end_date"] = "end_at", ["ended_at"] = "end_at", ["ended"] = "end_at",
        ["cancelled_at"] = "end_at", ["canceled_at"] = "end_at", ["churned_at"] = "end_at", ["cancel_date"] = "end_at",
        ["currency_code"] = "currency", ["price"] = "amount", ["price_cents"] = "amount_cents",
        ["monthly_price"] = "mrr", ["mrr_amount"] = "mrr", ["amount_in_cents"] = "amount_cents", ["mrr_in_cents"] = "mrr_cents",
        ["interval"] = "billing_period", ["billing_interval"] = "billing_period", ["billing_cycle"] = "billing_period",
        ["period"] = "billing_period", ["recorded"] = "recorded_at", ["record_date"] = "recorded_at",
    };

    private Layout(IReadOnlyList<string> names) => Names = names;

    public IReadOnlyList<string> Names { get; }

    public int Customer { get; private set; }

    public int Subscription { get; private set; } = -1;

    public int Plan { get; private set; } = -1;

    public int Start { get; private set; } = -1;

    public int End { get; private set; } = -1;

    public int Currency { get; private set; } = -1;

    public int Recorded { get; private set; } = -1;

    public int Price { get; private set; } = -1;

    public PriceShape PriceShape { get; private set; }

    public int BillingPeriod { get; private set; } = -1;

    public int Tenure { get; private set; } = -1;

    public int Churned { get; private set; } = -1;

    /// <summary>Gives the value of the churned column that says a customer left.</summary>
    public byte[] ChurnedValue { get; private set; } = [];

    /// <summary>Gives the column that splits the report; -1 for none, or for the plan.</summary>
    public int Segment { get; private set; } = -1;

    /// <summary>Gives the columns that are kept as attributes.</summary>
    public IReadOnlyList<int> Attributes { get; private set; } = [];

    /// <summary>Gives a sentence about every column that is not used.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>Reads a header.</summary>
    /// <exception cref="ReportException">A column is absent, twice there, or resembles a known one.</exception>
    public static Layout Read(IReadOnlyList<string> header, InputOptions options)
    {
        var layout = new Layout(header);
        var byName = Index(header);
        int Find(string name) => byName.GetValueOrDefault(name, -1);
        int Need(string name, string option) => Find(name) is >= 0 and var at
            ? at
            : throw new ReportException($"has no column {Quote(name)}, which {option} names; its columns are {List(header)}");

        var notes = new List<string>();
        var tenure = options.Tenure is not null;
        layout.Customer = Find("customer_id");
        layout.Subscription = Find("subscription_id");
        layout.Currency = Find("currency");
        layout.Recorded = Find("recorded_at");
        layout.Plan = options.Plan is null ? Find("plan") : Need(options.Plan, "--plan");
        if (tenure)
        {
            layout.Tenure = Need(options.Tenure!, "--tenure");
            layout.Churned = Need(options.ChurnedColumn!, "--churned");
            layout.ChurnedValue = System.Text.Encoding.UTF8.GetBytes(options.ChurnedValue!);
            layout.Price = Need(options.Price!, "--price");
            layout.PriceShape = PriceShape.MonthlyUnits;
        }
        else
        {
            layout.Start = Find("start_at");
            layout.End = Find("end_at");
            ReadPrice(layout, Find, notes);
        }

        // What resembles a known column comes before what is absent: it is most often the reason.
        var used = layout.Used();
        var attributes = new List<int>();
        for (var i = 0; i < header.Count; i++)
        {
            // A plan by another name is asked for by that name too, wherever the rows go.
            if (options.KeepsRowsWhole && options.Plan is not null && i == layout.Plan && !Known.Contains(header[i].ToLowerInvariant()))
            {
                attributes.Add(i);
                continue;
            }

            if (used.Contains(i))
            {
                continue;
            }

            var name = header[i].ToLowerInvariant();
            if (Known.Contains(name))
            {
                if (name == "plan")
                {
                    notes.Add($"plan is ignored, because {Printable.Of(options.Plan!)} is the plan");
                }
                else if (tenure && name is "start_at" or "end_at")
                {
                    notes.Add($"{name} is ignored, because the tenure says when a customer started");
                }
                else if (tenure)
                {
                    notes.Add($"{name} is ignored, because {Printable.Of(options.Price!)} is the price");
                }

                continue;
            }

            attributes.Add(i);
            if (!options.Attributes.Contains(header[i]) && Resembled(name) is { } known && !tenure)
            {
                throw new ReportException(
                    $"has a column {Quote(header[i])}, which resembles {known}: rename it to {known} if it is that, or say --attribute {(header[i].Contains(' ', StringComparison.Ordinal) ? Quote(header[i]) : Printable.Of(header[i]))} if it is not");
            }
        }

        layout.Attributes = attributes;
        foreach (var attribute in options.Attributes.Where(a => !header.Contains(a, StringComparer.Ordinal)))
        {
            throw new ReportException($"has no column {Quote(attribute)}, which --attribute names; its columns are {List(header)}");
        }

        layout.RequireAll(tenure, header);
        if (options.By is not null && options.IsByPlan && layout.Plan < 0)
        {
            Need(options.By, "--by");
        }

        if (options.By is { } by && !options.IsByPlan)
        {
            layout.Segment = Need(by, "--by");
            if (!attributes.Contains(layout.Segment) && layout.Segment != layout.Currency)
            {
                throw new ReportException($"cannot be split by {Quote(by)}: --by takes plan or an attribute ({List([.. attributes.Select(a => header[a])])})");
            }
        }

        layout.Notes = notes;
        return layout;
    }

    private static void ReadPrice(Layout layout, Func<string, int> find, List<string> notes)
    {
        (string Name, PriceShape Shape)[] shapes =
        [
            ("mrr", PriceShape.MonthlyUnits), ("mrr_cents", PriceShape.MonthlyCents),
            ("amount", PriceShape.Units), ("amount_cents", PriceShape.Cents),
        ];
        string? chosen = null;
        foreach (var (name, shape) in shapes)
        {
            if (find(name) is not (>= 0 and var at))
            {
                continue;
            }

            if (chosen is null)
            {
                (chosen, layout.Price, layout.PriceShape) = (name, at, shape);
            }
            else
            {
                notes.Add($"{name} is ignored, because {chosen} is there");
            }
        }

        if (chosen is null)
        {
            return;
        }

        if (layout.PriceShape is PriceShape.Units or PriceShape.Cents)
        {
            layout.BillingPeriod = find("billing_period");
        }
        else if (find("billing_period") >= 0)
        {
            notes.Add($"billing_period is ignored, because {chosen} is the price of a month");
        }
    }

    private static Dictionary<string, int> Index(IReadOnlyList<string> header)
    {
        var byName = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < header.Count; i++)
        {
            if (header[i].Length == 0)
            {
                throw new ReportException($"has no name for column {i + 1} in its header");
            }

            if (!byName.TryAdd(header[i], i))
            {
                throw new ReportException($"has the column {Quote(header[i])} twice, as columns {byName[header[i]] + 1} and {i + 1}");
            }
        }

        return byName;
    }

    private HashSet<int> Used() =>
        [Customer, Subscription, Plan, Start, End, Currency, Recorded, Price, BillingPeriod, Tenure, Churned];

    private void RequireAll(bool tenure, IReadOnlyList<string> header)
    {
        var missing = new List<string>();
        if (Customer < 0)
        {
            missing.Add("customer_id");
        }

        if (!tenure && Start < 0)
        {
            missing.Add("start_at");
        }

        if (Price < 0)
        {
            missing.Add("a price (mrr, mrr_cents, or amount or amount_cents with billing_period)");
        }

        if (missing.Count == 0 && PriceShape is PriceShape.Units or PriceShape.Cents && BillingPeriod < 0)
        {
            throw new ReportException(
                $"has {header[Price].ToLowerInvariant()} but no billing_period (day, week, month, quarter or year), so the price of a month is unknown; name the column mrr if it is that");
        }

        if (missing.Count == 0)
        {
            return;
        }

        var hint = header.Contains("tenure", StringComparer.OrdinalIgnoreCase)
            ? Mappings.Find(header) is { } mapping
                ? $". It looks like the {mapping} file: try --mapping {mapping}"
                : ". It has tenures instead of dates: try --tenure COLUMN --churned COLUMN=VALUE --price COLUMN --snapshot-date YYYY-MM-DD"
            : "";
        throw new ReportException($"lacks {(missing.Count == 3 ? $"{missing[0]}, {missing[1]} and {missing[2]}" : string.Join(" and ", missing))}; its columns are {List(header)}{hint}");
    }

    private static string? Resembled(string name)
    {
        var plain = name.Replace(' ', '_').Replace('-', '_');
        if (OtherNames.TryGetValue(plain, out var known))
        {
            return known;
        }

        return Known.FirstOrDefault(k => k == plain || (k.Length > 4 && Distance(k, plain) <= (k.Length > 8 ? 2 : 1)));
    }

    /// <summary>Counts the letters to add, drop, change or swap with their neighbour between two words.</summary>
    private static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
        {
            for (var j = 0; j <= b.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    d[i, j] = i + j;
                    continue;
                }

                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
                }
            }
        }

        return d[a.Length, b.Length];
    }

    private static string Quote(string name) => $"\"{Printable.Of(name)}\"";

    private static string List(IReadOnlyList<string> names)
    {
        const int most = 30;
        var list = string.Join(", ", names.Take(most).Select(n => Printable.Of(n)));
        return names.Count > most ? $"{list} and {names.Count - most} more" : list;
    }
}
