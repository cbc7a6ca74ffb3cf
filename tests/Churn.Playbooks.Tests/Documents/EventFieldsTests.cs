using Churn.Ingestion.V1;
using Churn.Metrics.V1;
using Churn.Playbooks.Documents;
using Churn.Playbooks.Domain;
using Google.Protobuf.WellKnownTypes;
using FieldType = Churn.Playbooks.Documents.FieldType;

namespace Churn.Playbooks.Tests.Documents;

public sealed class EventFieldsTests
{
    [Fact]
    public void ByEvent_Contracts_AreReadFromThem()
    {
        Assert.Equal(new EventField("amount.amount_micros", FieldType.Number, []).ToString(), EventFields.ByEvent["payment_failed"]["amount.amount_micros"].ToString());
        Assert.Equal(["nps", "csat", "ces"], EventFields.ByEvent["feedback"]["survey"].Words);
        Assert.Equal(FieldType.Time, EventFields.ByEvent["invoice_past_due"]["due_time"].Type);
        Assert.Equal(FieldType.Truth, EventFields.ByEvent["subscription_started"]["trial"].Type);
        Assert.Equal(["invoice_id", "subscription_id", "day"], EventFields.ByEvent["past_due"].Keys);
        Assert.Contains("activity", EventFields.ByEvent.Keys);
        Assert.DoesNotContain("usage_recorded", EventFields.ByEvent.Keys);
        Assert.DoesNotContain("retraction", EventFields.FactKinds);
    }

    [Fact]
    public void Of_Fact_GivesTextsNumbersTruthsAndWords()
    {
        var (happened, fields) = EventFields.Of(new Metrics.V1.Signal
        {
            Fact = new Ingestion.V1.Fact
            {
                CancellationScheduled = new CancellationScheduled
                {
                    SubscriptionId = "s", Initiator = Initiator.Customer, EffectiveTime = Timestamp.FromDateTime(new DateTime(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc)), Completes = true,
                },
            },
        });
        Assert.Equal("cancellation_scheduled", happened);
        Assert.Equal(new FieldValue("customer", null), fields["initiator"]);
        Assert.Equal(new FieldValue("2026-03-01T12:00:00Z", null), fields["effective_time"]);
        Assert.Equal(new FieldValue("true", null, true), fields["completes"]);
        Assert.Equal(new FieldValue("", null), fields["reason_code"]);
    }

    [Fact]
    public void Of_MoneyAndAttributes_HavePaths()
    {
        var paid = EventFields.Of(new Metrics.V1.Signal { Fact = new Ingestion.V1.Fact { PaymentFailed = new PaymentFailed { Amount = new Amount { Currency = "EUR", AmountMicros = 19_990_000 } } } }).Fields;
        Assert.Equal(new FieldValue("19990000", 19_990_000m), paid["amount.amount_micros"]);
        Assert.Equal(new FieldValue("EUR", null), paid["amount.currency"]);
        var bare = EventFields.Of(new Metrics.V1.Signal { Fact = new Ingestion.V1.Fact { PaymentFailed = new PaymentFailed() } }).Fields;
        Assert.DoesNotContain("amount.currency", bare.Keys);
        var profile = EventFields.Of(new Metrics.V1.Signal { Fact = new Ingestion.V1.Fact { CustomerProfile = new CustomerProfile { Size = "", Attributes = { ["tier"] = "gold" } } } }).Fields;
        Assert.Equal(new FieldValue("", null), profile["size"]);
        Assert.Equal(new FieldValue("gold", null), profile["attributes.tier"]);
        Assert.DoesNotContain("country", profile.Keys);
    }

    [Fact]
    public void Of_Time_GivesDaysAsNumbers()
    {
        Assert.Equal(new FieldValue("3", 3), EventFields.Of(new Metrics.V1.Signal { PastDue = new PastDueDay { Day = 3 } }).Fields["day"]);
        Assert.Equal("activity", EventFields.Of(new Metrics.V1.Signal { Activity = new Ingestion.V1.Fact { UsageRecorded = new UsageRecorded { Meter = "api" } } }).Event);
        Assert.Throws<InvalidDataException>(() => EventFields.Of(new Metrics.V1.Signal()));
    }
}
