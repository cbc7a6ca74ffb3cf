using System.Globalization;
using System.IO.Hashing;
using System.Text;
using Churn.Cli.Report.Input;
using Churn.Ingestion.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Reject = Churn.Cli.Report.Input.Reject;

namespace Churn.Suite.Import.Csv;

/// <summary>Makes of a row the facts that it states: a start, an end or one that is scheduled, and what the customer is.</summary>
/// <param name="source">The source of the facts.</param>
/// <param name="now">The clock of the import: an end after it is one that is scheduled.</param>
/// <param name="ties">Where rows of one instant say different things of a customer.</param>
/// <param name="rejects">Takes what a row says and cannot be said.</param>
internal sealed class RowFacts(string source, long now, ProfileTies ties, ImportRejects rejects)
{
    private const int LongestId = 200;

    private readonly List<(RowField Field, ulong Value, Fact Fact)> _said = [];
    private readonly Dictionary<UInt128, int> _alike = [];
    private byte[] _buffer = new byte[512];

    /// <summary>Makes the facts of a row, without their event ids; gives null where there are none.</summary>
    /// <param name="block">The row's block.</param>
    /// <param name="i">Its place there.</param>
    /// <param name="texts">The texts of its reader.</param>
    /// <param name="file">The name of its file.</param>
    /// <param name="row">The row's name.</param>
    public IReadOnlyList<(RowField Field, ulong Value, Fact Fact)>? Of(RowBlock block, int i, ReaderTexts texts, string file, out string row)
    {
        ref readonly var terms = ref block.Rows[i];
        var customer = texts.Customer(terms.Customer);
        var plan = texts.Plan(terms.Plan);
        var currency = texts.Currency(block, i);
        var subscription = texts.HasIds ? texts.Subscription(block, i) : Derived(customer, plan, currency, terms);
        row = RowEvent.RowName(subscription);
        if (Fault(texts, terms, customer, plan, subscription) is { } fault)
        {
            rejects.Add(file, new Reject(block.File, block.FirstLine + terms.Line, fault.Column < 0 ? "" : texts.Layout.Names[fault.Column], fault.Reason));
            return null;
        }

        _said.Clear();
        var price = new Price { Currency = currency, MrrMicros = terms.Mrr };
        Say(RowField.Start, New(customer, terms.Start), f => f.SubscriptionStarted = new SubscriptionStarted { SubscriptionId = subscription, Plan = plan, Price = price });
        if (terms.End != Churn.Metrics.Domain.Calendar.Open)
        {
            var end = terms.End;
            if (end <= now)
            {
                Say(RowField.End, New(customer, end), f => f.SubscriptionEnded = new SubscriptionEnded { SubscriptionId = subscription });
            }
            else
            {
                Say(RowField.Cancel, New(customer, terms.Start), f => f.CancellationScheduled = new CancellationScheduled { SubscriptionId = subscription, EffectiveTime = Time(end) });
            }
        }

        if (texts.Attributes.Columns.Count > 0)
        {
            var fact = New(customer, terms.Start);
            fact.Sequence = terms.SourceRecordTime == Row.NotRecorded ? 0 : terms.SourceRecordTime;
            var profile = ProfileOf(block, i, texts, file, customer);
            Say(RowField.Profile, fact, f => f.CustomerProfile = profile);
        }

        return _said;
    }

    /// <summary>Gives an instant as the wire has it.</summary>
    public static Timestamp Time(long micros)
    {
        var (seconds, rest) = Math.DivRem(micros, Churn.Metrics.Domain.Calendar.Second);
        return rest < 0
            ? new Timestamp { Seconds = seconds - 1, Nanos = (int)(rest + Churn.Metrics.Domain.Calendar.Second) * 1_000 }
            : new Timestamp { Seconds = seconds, Nanos = (int)rest * 1_000 };
    }

    private (int Column, string Reason)? Fault(ReaderTexts texts, Row terms, string customer, string plan, string subscription) =>
        IsTooLong(customer) ? (texts.Layout.Customer, $"is longer than {LongestId} bytes")
        : customer.AsSpan().IndexOfAnyInRange('\0', '\u001f') >= 0 ? (texts.Layout.Customer, "holds a character that cannot be printed")
        : texts.HasIds && IsTooLong(subscription) ? (texts.Layout.Subscription, $"is longer than {LongestId} bytes")
        : IsTooLong(plan) ? (texts.Layout.Plan, $"is longer than {LongestId} bytes")
        : terms.Start < 0 ? (texts.Layout.Start, "is before 1970, from which on facts are taken")
        : terms.Start > now ? (texts.Layout.Start, "lies ahead: import it again when it has come")
        : null;

    private static bool IsTooLong(string id) => id.Length > LongestId / 3 && Encoding.UTF8.GetByteCount(id) > LongestId;

    private Fact New(string customer, long time) => new() { Source = source, CustomerId = customer, OccurTime = Time(time) };

    private void Say(RowField field, Fact fact, Action<Fact> say)
    {
        say(fact);
        var size = fact.CalculateSize();
        if (_buffer.Length < size)
        {
            _buffer = new byte[size * 2];
        }

        var content = _buffer.AsSpan(0, size);
        fact.WriteTo(content);
        _said.Add((field, XxHash3.HashToUInt64(content), fact));
    }

    private CustomerProfile ProfileOf(RowBlock block, int i, ReaderTexts texts, string file, string customer)
    {
        var profile = new CustomerProfile();
        var tied = ties.Of(customer, block.Rows[i]);
        foreach (var column in texts.Attributes.Columns)
        {
            var text = tied is null ? texts.Attribute(block, i, column) : tied[column.Name];
            if (AttributeColumns.Value(column, text, out var wrong) is { } value)
            {
                column.SetOn(profile, value);
            }
            else
            {
                rejects.Add(file, new Reject(block.File, block.FirstLine + block.Rows[i].Line, texts.Layout.Names[column.Header], wrong!));
            }
        }

        return profile;
    }

    // What a file without ids knows a subscription by: it, and how many of the same there were before it.
    private string Derived(string customer, string plan, string currency, Row terms)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{terms.Start} {terms.Mrr} {currency} {customer.Length} {customer}{plan}");
        var hash = XxHash128.HashToUInt128(Encoding.UTF8.GetBytes(key));
        var before = _alike.GetValueOrDefault(hash);
        _alike[hash] = before + 1;
        return before == 0
            ? string.Create(CultureInfo.InvariantCulture, $"row-{hash:x32}")
            : string.Create(CultureInfo.InvariantCulture, $"row-{hash:x32}.{before + 1}");
    }
}
