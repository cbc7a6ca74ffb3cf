using System.Text;
using Churn.Cli.Generate;
using Churn.Client.Facts;
using Churn.Client.Json;
using Churn.Ingestion.V1;
using FsCheck;
using FsCheck.Fluent;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Client.Tests.Json;

public sealed class FactJsonTests
{
    private static readonly JsonFormatter[] Formatters =
    [
        JsonFormatter.Default,
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true)),
        new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true).WithFormatEnumsAsIntegers(true)),
        new(JsonFormatter.Settings.Default.WithIndentation()),
    ];

    [Fact]
    public void Law_AnyFact_IsReadAsItWasWritten() => Prop.ForAll(AnyFact.Gen.ToArbitrary(), fact =>
        Assert.All(Formatters, formatter => Assert.Equal(fact, Read(formatter.Format(fact))))).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [Fact]
    public void Law_AnyFactWithChangedCharacters_IsReadAsTheContractsOwnReaderDoes()
    {
        var accepted = 0;
        string[] stricter = ["is there twice", "surrogate", "is not JSON", "is not a whole number", "is not a number"];
        var changed = from fact in AnyFact.Gen
                      from formatter in Gen.Elements(Formatters[..3])
                      from at in Gen.Choose(0, int.MaxValue)
                      from put in Gen.Elements("", "0", "9", "-", "\"", "{", "}", ",", ":", " ", "null", "e", ".", "\\", "Z", "\u00e9")
                      select (Text: formatter.Format(fact), At: at, Put: put);
        Prop.ForAll(changed.ToArbitrary(), c =>
        {
            var at = c.At % c.Text.Length;
            var text = c.Text[..at] + c.Put + c.Text[(at + 1)..];
            Fact? theirs = null;
            try
            {
                theirs = JsonParser.Default.Parse<Fact>(text);
            }
            catch (Exception e) when (e is IOException or FormatException or OverflowException or ArgumentException)
            {
            }

            var ours = TryRead(text, out var error);
            if (ours is not null && theirs is not null)
            {
                accepted++;
                Assert.Equal(theirs, ours);
            }
            else if (theirs is not null)
            {
                // What is stricter here: a name twice, half a surrogate pair, "12." for a number.
                Assert.True(stricter.Any(reason => error!.Reason.Contains(reason, StringComparison.Ordinal)), $"{error}: {text}");
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
        Assert.True(accepted > 100);
    }

    [Fact]
    public void Read_GeneratedFacts_AreAsTheContractsOwnReaderReadsThem()
    {
        using var stream = new MemoryStream();
        new SyntheticBusiness(7, new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc), 48).WriteFacts(stream, 2_000);
        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split('\n')[..^1];
        Assert.All(lines, line => Assert.Equal(JsonParser.Default.Parse<Fact>(line), Read(line)));
    }

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData(" { } ", "{}")]
    [InlineData("""{"source":null,"subscriptionEnded":null}""", "{}")]
    [InlineData("""{"event_id":"1","customerId":"2"}""", """{"eventId":"1","customerId":"2"}""")]
    [InlineData("""{"\u0065ventId":"\u0031"}""", """{"eventId":"1"}""")]
    [InlineData("""{"sequence":9007199254740993}""", """{"sequence":"9007199254740993"}""")]
    [InlineData("""{"sequence":"-5"}""", """{"sequence":"-5"}""")]
    [InlineData("""{"sequence":1.5e1}""", """{"sequence":"15"}""")]
    [InlineData("""{"sequence":"1e3"}""", """{"sequence":"1000"}""")]
    [InlineData("""{"occurTime":"2024-02-29T23:59:59.1234567899+02:00"}""", """{"occurTime":"2024-02-29T21:59:59.123456789Z"}""")]
    [InlineData("""{"occurTime":"2024-01-01t00:00:00-05:30"}""", """{"occurTime":"2024-01-01T05:30:00Z"}""")]
    [InlineData("""{"occurTime":"2024-12-31T23:59:60z"}""", """{"occurTime":"2025-01-01T00:00:00Z"}""")]
    [InlineData("""{"occurTime":"1969-12-31T23:59:59.5Z"}""", """{"occurTime":"1969-12-31T23:59:59.500Z"}""")]
    [InlineData("""{"occurTime":"0001-01-01T00:00:00Z"}""", """{"occurTime":"0001-01-01T00:00:00Z"}""")]
    [InlineData("""{"occurTime":"1970-01-01T00:00:00Z"}""", """{"occurTime":"1970-01-01T00:00:00Z"}""")]
    [InlineData("""{"occurTime":"9999-12-31T23:59:59.999999999Z"}""", """{"occurTime":"9999-12-31T23:59:59.999999999Z"}""")]
    [InlineData("""{"subscriptionStarted":{"price":{"period":{"unit":5,"count":"2"}}}}""", """{"subscriptionStarted":{"price":{"period":{"unit":"BILLING_UNIT_YEAR","count":2}}}}""")]
    [InlineData("""{"subscriptionStarted":{"price":{"mrrMicros":0}}}""", """{"subscriptionStarted":{"price":{"mrrMicros":"0"}}}""")]
    [InlineData("""{"subscriptionEnded":{"initiator":-1,"completes":false}}""", """{"subscriptionEnded":{"initiator":-1}}""")]
    [InlineData("""{"customerProfile":{"size":"","attributes":{"a":"","b":"c"}}}""", """{"customerProfile":{"size":"","attributes":{"a":"","b":"c"}}}""")]
    [InlineData("""{"mention":{"sentiment":"-0.5"}}""", """{"mention":{"sentiment":-0.5}}""")]
    [InlineData("""{"mention":{"sentiment":"NaN"}}""", """{"mention":{"sentiment":"NaN"}}""")]
    [InlineData("""{"feedback":{"survey":"SURVEY_NPS","score":10}}""", """{"feedback":{"survey":"SURVEY_NPS","score":10}}""")]
    public void Read_WhatTheMappingAllows_IsRead(string text, string same) => Assert.Equal(JsonParser.Default.Parse<Fact>(same), Read(text));

    [Theory]
    [InlineData("", 1, "", "is not JSON: ")]
    [InlineData("[]", 1, "", "is not a JSON object")]
    [InlineData("7", 1, "", "is not a JSON object")]
    [InlineData("{", 2, "", "is not JSON: ")]
    [InlineData("{'source':1}", 2, "", "is not JSON: ''' is an invalid start of a property name")]
    [InlineData("""{"source":"a",}""", 15, "", "is not JSON: ")]
    [InlineData("""{"source":"a"} {}""", 16, "", "is not JSON: ")]
    [InlineData("""{"note":"caf\u00e9","colour":"red"}""", 2, "note", "is not a field of Fact")]
    [InlineData("""{"subscriptionStarted":{"price":{"amount":5}}}""", 34, "subscription_started.price.amount", "is not a field of Price")]
    [InlineData("""{"source":"a","source":"b"}""", 24, "source", "is there twice")]
    [InlineData("""{"customerProfile":{},"subscription_ended":{}}""", 44, "subscription_ended", "excludes another field that is there: only one kind may be")]
    [InlineData("""{"subscriptionStarted":{"price":{"mrrMicros":1,"period":{}}}}""", 57, "subscription_started.price.period", "excludes another field that is there: only one value may be")]
    [InlineData("""{"source":5}""", 11, "source", "is not a text")]
    [InlineData("""{"source":"\ud800"}""", 11, "source", "is not a text: half of a surrogate pair is missing")]
    [InlineData("""{"sequence":true}""", 13, "sequence", "is not a whole number")]
    [InlineData("""{"sequence":1.5}""", 13, "sequence", "\"1.5\" is not a whole number of 64 bits")]
    [InlineData("""{"sequence":9223372036854775808}""", 13, "sequence", "\"9223372036854775808\" is not a whole number of 64 bits")]
    [InlineData("""{"sequence":" 5"}""", 13, "sequence", "\" 5\" is not a whole number of 64 bits")]
    [InlineData("""{"feedback":{"score":2147483648}}""", 22, "feedback.score", "\"2147483648\" is not a whole number of 32 bits")]
    [InlineData("""{"feedback":{"survey":"NPS"}}""", 23, "feedback.survey", "\"NPS\" is none of SURVEY_UNSPECIFIED, SURVEY_NPS, SURVEY_CSAT, SURVEY_CES")]
    [InlineData("""{"feedback":[]}""", 13, "feedback", "is not an object (Feedback)")]
    [InlineData("""{"occurTime":1700000000}""", 14, "occur_time", "is not an RFC 3339 instant such as 2026-01-31T12:00:00Z")]
    [InlineData("""{"occurTime":"2024-02-30T00:00:00Z"}""", 14, "occur_time", "\"2024-02-30T00:00:00Z\" is not an RFC 3339 instant such as 2026-01-31T12:00:00Z")]
    [InlineData("""{"occurTime":"2024-01-01T00:00:00"}""", 14, "occur_time", "\"2024-01-01T00:00:00\" is not an RFC 3339 instant")]
    [InlineData("""{"occurTime":"2024-01-01T00:00:00.Z"}""", 14, "occur_time", "\"2024-01-01T00:00:00.Z\" is not an RFC 3339 instant")]
    [InlineData("""{"occurTime":"0001-01-01T00:00:00+01:00"}""", 14, "occur_time", "\"0001-01-01T00:00:00+01:00\" is not an RFC 3339 instant")]
    [InlineData("""{"occurTime":"2024-01-01T24:00:00Z"}""", 14, "occur_time", "\"2024-01-01T24:00:00Z\" is not an RFC 3339 instant")]
    [InlineData("""{"subscriptionEnded":{"completes":"true"}}""", 35, "subscription_ended.completes", "is neither true nor false")]
    [InlineData("""{"mention":{"sentiment":1e999}}""", 25, "mention.sentiment", "\"1e999\" is too large a number")]
    [InlineData("""{"mention":{"sentiment":"much"}}""", 25, "mention.sentiment", "\"much\" is not a number")]
    [InlineData("""{"mention":{"sentiment":{}}}""", 25, "mention.sentiment", "is not a number")]
    [InlineData("""{"customerProfile":{"attributes":["a"]}}""", 34, "customer_profile.attributes", "is not an object of texts")]
    [InlineData("""{"customerProfile":{"attributes":{"a":null}}}""", 39, "customer_profile.attributes.a", "is not a text")]
    public void Read_WhatIsNoFact_IsRefusedWithItsPlace(string text, int position, string field, string reason)
    {
        Assert.Null(TryRead(text, out var error));
        Assert.Equal((position, field), (error!.Position, error.Field));
        Assert.StartsWith(reason, error.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BytesThatAreNoUtf8_AreRefused()
    {
        var batch = new FactBatch();
        Assert.Equal(new FactJsonError(1, "", "is not UTF-8"), batch.AddJson("{\"source\":\"\xff\"}"u8[..^3]));
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void AddJson_ErrorsBetweenFacts_LeaveTheFacts()
    {
        var batch = new FactBatch();
        Assert.Null(batch.AddJson("""{"eventId":"1"}"""u8, 11));
        Assert.NotNull(batch.AddJson("""{"eventId":"2","customerProfile":{"size":"x","colour":1}}"""u8, 12));
        Assert.Null(batch.AddJson("""{"eventId":"3"}"""u8, 13));
        Assert.Equal(2, batch.Count);
        Assert.Equal(["1", "3"], StreamFactsRequest.Parser.ParseFrom(batch.From(0)).Facts.Select(f => f.EventId));
        Assert.Equal(["3"], StreamFactsRequest.Parser.ParseFrom(batch.From(1)).Facts.Select(f => f.EventId));
        Assert.Equal((11, 13), (batch.TagOf(0), batch.TagOf(1)));
    }

    [Fact]
    public void AddJson_SourceGiven_IsThatOfFactsThatNameNone()
    {
        var batch = new FactBatch();
        batch.AddJson("""{"eventId":"1"}"""u8, source: "mine");
        batch.AddJson("""{"source":"theirs"}"""u8, source: "mine");
        batch.AddJson("""{"source":null}"""u8, source: "mine");
        Assert.Equal(["mine", "theirs", "mine"], StreamFactsRequest.Parser.ParseFrom(batch.From(0)).Facts.Select(f => f.Source));
    }

    [Fact]
    public void AddJson_FactThatIsTooLarge_IsRefused()
    {
        var batch = new FactBatch();
        var error = batch.AddJson(Encoding.UTF8.GetBytes($"{{\"eventId\":\"{new string('x', FactBatch.LargestFact)}\"}}"));
        Assert.Equal("is too large; the largest fact that is taken has 1000000 bytes", error!.Reason);
        Assert.Equal(0, batch.Count);
    }

    [Fact]
    public void AddJson_LongNestedFields_HaveTheirLengthsInFront()
    {
        foreach (var length in new[] { 100, 125, 126, 127, 128, 129, 16_380, 16_383, 16_384, 16_390 })
        {
            var fact = Facts.Started(1);
            fact.SubscriptionStarted.Plan = new string('x', length);
            Assert.Equal(fact, Read(JsonFormatter.Default.Format(fact)));
        }
    }

    [Fact]
    public void Read_InstantsOfAllYears_AreThoseOfTheFramework()
    {
        for (var year = 1; year < 10_000; year += year is > 1890 and < 2110 ? 1 : 37)
        {
            foreach (var (month, day) in new[] { (1, 1), (2, 28), (3, 1), (12, 31) })
            {
                var time = new DateTime(year, month, day, 12, 34, 56, DateTimeKind.Utc);
                Assert.Equal(Timestamp.FromDateTime(time), Read($"{{\"occurTime\":\"{time:yyyy-MM-ddTHH:mm:ss}Z\"}}").OccurTime);
            }
        }
    }

    private static Fact Read(string text) => TryRead(text, out var error) ?? throw new InvalidDataException($"{error}: {text}");

    private static Fact? TryRead(string text, out FactJsonError? error)
    {
        var batch = new FactBatch();
        error = batch.AddJson(Encoding.UTF8.GetBytes(text));
        return error is null ? StreamFactsRequest.Parser.ParseFrom(batch.From(0)).Facts.Single() : null;
    }
}
