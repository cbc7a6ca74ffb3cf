using System.Globalization;
using System.Text;
using Churn.Cli.Generate;
using Churn.Ingestion.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Suite.Tests.Import;

public sealed class ImportRunTests : IAsyncLifetime
{
    private const string Header = "subscription_id,customer_id,plan,mrr,currency,start_at,end_at,recorded_at,country,Favourite Colour\n";
    private Importing _import = null!;

    public async ValueTask InitializeAsync() => _import = await Importing.StartAsync();

    public ValueTask DisposeAsync() => _import.DisposeAsync();

    [Fact]
    public async Task Run_RowsOfCsv_RecordsWhatTheySay()
    {
        var status = await _import.CsvAsync(Header
            + "s1,c1,Team,12.50,USD,2024-01-15,2024-03-01T10:00:00+02:00,2024-01-16,DE,red\n"
            + "s2,c2,,0,eur,2024-02-01T00:00:00.000001Z,2024-12-31,,,\n"
            + "s3,c3,Solo,1,GBP,2024-05-01,,,FR,\"a, b\"\n");
        Assert.Equal(("", 0), (_import.Error, status));
        Assert.Equal(
            [
                """{ "source": "csv", "occurTime": "2024-01-15T00:00:00Z", "customerId": "c1", "subscriptionStarted": { "subscriptionId": "s1", "plan": "Team", "price": { "currency": "USD", "mrrMicros": "12500000" } } }""",
                """{ "source": "csv", "occurTime": "2024-03-01T08:00:00Z", "customerId": "c1", "subscriptionEnded": { "subscriptionId": "s1" } }""",
                """{ "source": "csv", "sequence": "1705363200000000", "occurTime": "2024-01-15T00:00:00Z", "customerId": "c1", "customerProfile": { "country": "DE", "attributes": { "favourite_colour": "red" } } }""",
                """{ "source": "csv", "occurTime": "2024-02-01T00:00:00.000001Z", "customerId": "c2", "cancellationScheduled": { "subscriptionId": "s2", "effectiveTime": "2024-12-31T00:00:00Z" } }""",
                """{ "source": "csv", "occurTime": "2024-02-01T00:00:00.000001Z", "customerId": "c2", "customerProfile": { "country": "", "attributes": { "favourite_colour": "" } } }""",
                """{ "source": "csv", "occurTime": "2024-02-01T00:00:00.000001Z", "customerId": "c2", "subscriptionStarted": { "subscriptionId": "s2", "price": { "currency": "EUR", "mrrMicros": "0" } } }""",
                """{ "source": "csv", "occurTime": "2024-05-01T00:00:00Z", "customerId": "c3", "customerProfile": { "country": "FR", "attributes": { "favourite_colour": "a, b" } } }""",
                """{ "source": "csv", "occurTime": "2024-05-01T00:00:00Z", "customerId": "c3", "subscriptionStarted": { "subscriptionId": "s3", "plan": "Solo", "price": { "currency": "GBP", "mrrMicros": "1000000" } } }""",
            ],
            _import.Standing().Select(f => f.ToString()));
        Assert.Matches("^3 rows: 8 facts in [0-9.]+ s \\([0-9,]+ facts/s\\): 8 recorded, 0 duplicates, 0 rejected\nThe numbers hold all of it: churn metrics overview\n$", _import.Output);
        Assert.Equal(_import.Server.Log.Token, _import.Server.Reads.Tokens.Last());
    }

    [Fact]
    public async Task Run_EventIds_AreThoseOfEveryVersion()
    {
        // Those that are recorded somewhere must be found again by every later version.
        await _import.CsvAsync(Header + "s1,c1,Team,12.50,USD,2024-01-15,2024-03-01,2024-01-16,DE,red\ns2,c2,Team,1,USD,2024-02-01,2024-12-31,,,\n");
        await _import.CsvAsync("customer_id,plan,mrr,currency,start_at\nc3,Team,5,USD,2024-01-15\nc3,Team,5,USD,2024-01-15\n");
        Assert.Equal(
            """
            s1/start/08863430e00cf832
            s1/end/8dc1e026c02bf7bf
            s1/profile/e26127001fbd887a
            s2/start/2909c75641e9fd66
            s2/cancel/1ab9b15e3d466f44
            s2/profile/168d2b9f90c2b7df
            row-adbb74f04f2386aba0ffe2fe10dfd3c9/start/d123ade854c26082
            row-adbb74f04f2386aba0ffe2fe10dfd3c9.2/start/044fde0b55912008
            """,
            string.Join('\n', _import.Server.Log.Facts.Select(f => f.EventId)));
    }

    [Fact]
    public async Task Run_SameFileAgain_ChangesNothing()
    {
        var csv = Generated(intervals: true, 300);
        Assert.Equal(0, await _import.CsvAsync(csv));
        var before = _import.Server.Log.Facts;
        Assert.Equal(0, await _import.CsvAsync(csv));
        Assert.Equal(before, _import.Server.Log.Facts);
        Assert.Contains($": 0 recorded, {before.Length.ToString("#,0", CultureInfo.InvariantCulture)} duplicates, 0 rejected\n", _import.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("facts.ndjson", false)]
    [InlineData("facts.gz", true)]
    [InlineData("no-name-that-says-so", false)]
    public async Task Run_FactsOfNdjson_RecordsThemAsTheyAre(string name, bool gzip)
    {
        var facts = Generated(intervals: false, 500);
        Assert.Equal(0, await _import.RunAsync(_import.File(name, "\ufeff\n \n" + facts, gzip)));
        Assert.Equal(facts.Split('\n')[..^1].Select(line => JsonParser.Default.Parse<Fact>(line)), _import.Server.Log.Facts);
        Assert.Equal("", _import.Error);
        Assert.Matches("^[0-9,]+ facts in ", _import.Output);
    }

    [Fact]
    public async Task Run_StandardInput_IsReadWhereNoFileIsNamed()
    {
        _import.StandardInput = """{"source":"a","eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}""";
        Assert.Equal(0, await _import.RunAsync());
        Assert.Equal(0, await _import.RunAsync("-"));
        Assert.Single(_import.Server.Log.Facts);
        _import.StandardInput = Header + "s1,c1,Team,12.50,USD,2024-01-15,,,,\n";
        Assert.Equal(0, await _import.RunAsync("-"));
        Assert.Equal(3, _import.Server.Log.Facts.Length);
    }

    [Fact]
    public async Task Run_FilesOfBothKinds_RecordsAll()
    {
        var status = await _import.RunAsync(
            _import.File("a.ndjson", """{"source":"a","eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}""" + "\n{}\n"),
            _import.File("b.csv", "customer_id,mrr,currency,start_at\nc1,5,USD,2024-01-01\nc2,x,USD,2024-01-01\n"),
            _import.File("c.csv.gz", "customer_id;mrr;currency;start_at\nc3;5;USD;2024-01-01\n", gzip: true),
            "--rejects", _import.PathOf("rejects.csv"));
        Assert.Equal(2, status);
        Assert.Equal(["a", "csv", "csv"], _import.Server.Log.Facts.Select(f => f.Source).Order());
        Assert.Equal(
            $"file,line,column,reason\n{_import.PathOf("b.csv")},3,mrr,\"\"\"x\"\" is not a number such as 1234.56\"\n{_import.PathOf("a.ndjson")},2,customer_id,Say which customer it is about.\n",
            await File.ReadAllTextAsync(_import.PathOf("rejects.csv"), TestContext.Current.CancellationToken));
        Assert.Equal(
            "b.csv:3: mrr \"x\" is not a number such as 1234.56\na.ndjson:2: customer_id: Say which customer it is about. (FIELD_MISSING)\nchurn import: 2 rejects; all are in rejects.csv\n",
            _import.Error);
        Assert.Contains("2 rejected\nThe numbers hold what is recorded: ", _import.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LinesThatAreNoFacts_AreToldWithLineAndPlace()
    {
        var text = """
            {"source":"a","eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}
            {"source":"a",
            {"source":"a","colour":"red"}
            {"occurTime":"yesterday"}
            """;
        Assert.Equal(2, await _import.RunAsync(_import.File("a.ndjson", text.ReplaceLineEndings("\r\n")), "--rejects", _import.PathOf("rejects.csv")));
        Assert.Equal(
            [
                "a.ndjson:2:14: is not JSON: Expected start of a property name or value, but instead reached end of data.",
                "a.ndjson:3:15: colour is not a field of Fact",
                "a.ndjson:4:14: occur_time \"yesterday\" is not an RFC 3339 instant such as 2026-01-31T12:00:00Z",
                "churn import: 3 rejects; all are in rejects.csv",
                "",
            ],
            _import.Error.Split('\n'));
        Assert.Equal(
            ["file,line,column,reason", "2,14,", "3,colour,", "4,occur_time,", ""],
            File.ReadAllLines(_import.PathOf("rejects.csv")).Select(l => l.Split("a.ndjson,")[^1]).Select(l => l.StartsWith("file", StringComparison.Ordinal) ? l : string.Join(',', l.Split(',')[..2]) + ",").Append(""));
    }

    [Fact]
    public async Task Run_ManyRejects_ShowsTheFirstTen()
    {
        Assert.Equal(1, await _import.CsvAsync(Header + string.Concat(Enumerable.Range(0, 25).Select(i => $"s{i},c{i},Team,x,USD,2024-01-15,,,,\n"))));
        Assert.Equal(11, _import.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.EndsWith("churn import: 25 rejects; the first 10 are above, --rejects FILE writes all\n", _import.Error, StringComparison.Ordinal);
        Assert.Matches("^0 rows: 0 facts in [^\n]*: 0 recorded, 0 duplicates, 25 rejected\n$", _import.Output);
    }

    [Fact]
    public async Task Run_WhatTheServerRejects_NamesTheColumn()
    {
        // The server of the tests refuses years before 1970; the importer says so itself of a start.
        Assert.Equal(2, await _import.CsvAsync(Header + "s1,c1,Team,1,USD,2024-01-15,,,,\ns2,c2,Team,1,USD,1969-12-31,2024-01-01,,,\n"));
        Assert.Equal("rows.csv:3: start_at is before 1970, from which on facts are taken\nchurn import: 1 reject\n", _import.Error);
    }

    [Theory]
    [InlineData("customer_id", "c\u0007", "rows.csv:2: customer_id holds a character that cannot be printed")]
    [InlineData("customer_id", null, "rows.csv:2: customer_id is longer than 200 bytes")]
    [InlineData("subscription_id", null, "rows.csv:2: subscription_id is longer than 200 bytes")]
    [InlineData("plan", null, "rows.csv:2: plan is longer than 200 bytes")]
    [InlineData("start_at", "2024-06-16", "rows.csv:2: start_at lies ahead: import it again when it has come")]
    [InlineData("currency", "", "rows.csv:2: currency is empty: --currency CODE states what such rows are in")]
    [InlineData("currency", "dollars", "rows.csv:2: currency \"dollars\" is not a currency code such as USD")]
    public async Task Run_RowThatCannotBeSaid_IsRejected(string column, string? value, string message)
    {
        var cells = new Dictionary<string, string> { ["subscription_id"] = "s", ["customer_id"] = "c", ["plan"] = "p", ["mrr"] = "1", ["currency"] = "USD", ["start_at"] = "2024-01-01" };
        cells[column] = value ?? new string('x', 201);
        Assert.Equal(1, await _import.CsvAsync(string.Join(',', cells.Keys) + "\n" + string.Join(',', cells.Values) + "\n"));
        Assert.Equal(message + "\nchurn import: 1 reject\n", _import.Error);
    }

    [Fact]
    public async Task Run_CurrencyOption_IsThatOfRowsThatStateNone()
    {
        Assert.Equal(0, await _import.CsvAsync("customer_id,mrr,currency,start_at\nc1,1,EUR,2024-01-01\nc2,1,,2024-01-01\n", "--currency", "usd"));
        Assert.Equal(["EUR", "USD"], _import.Standing().Select(f => f.SubscriptionStarted.Price.Currency));
    }

    [Fact]
    public async Task Run_NoCurrencyAnywhere_IsAskedFor()
    {
        Assert.Equal(1, await _import.CsvAsync("customer_id,mrr,start_at\nc1,1,2024-01-01\n"));
        Assert.Equal("churn import: rows.csv states no currency: --currency CODE states what its amounts are in\n", _import.Error);
        Assert.Empty(_import.Server.Log.Facts);
    }

    [Fact]
    public async Task Run_AttributesOfEveryName_BecomeFieldsAndAttributes()
    {
        Assert.Equal(2, await _import.CsvAsync(
            "customer_id,mrr,currency,start_at,Size,industry,Country,Plan Tier,channel,entry_offer,owner,locale,TIME-ZONE,renewal_date,2nd,gr\u00f6\u00dfe,__x__\n"
            + $"c1,1,USD,2024-01-01,big,food,DE,gold,web,none,ann,de-DE,Europe/Berlin,2024-07-01T10:00:00Z,{new string('\u00e4', 101)},L,y\n"
            + "c2,1,USD,2024-01-01,,,,,,,,,,soon,b,,\n"));
        var profiles = _import.Standing().Where(f => f.CustomerProfile is not null).Select(f => f.CustomerProfile).ToList();
        Assert.Equal(
            new CustomerProfile
            {
                Size = "big", Industry = "food", Country = "DE", PlanTier = "gold", Channel = "web", EntryOffer = "none", Owner = "ann", Locale = "de-DE",
                TimeZone = "Europe/Berlin", RenewalDate = "2024-07-01", Attributes = { ["gr_e"] = "L", ["x"] = "y" },
            },
            profiles[0]);
        Assert.False(profiles[1].HasRenewalDate);
        Assert.Equal("b", profiles[1].Attributes["a_2nd"]);
        Assert.Equal(
            "rows.csv:2: 2nd is longer than 200 bytes and is left out\n"
            + "rows.csv:3: renewal_date \"soon\" is not a date (YYYY-MM-DD) or an RFC 3339 instant (YYYY-MM-DDTHH:MM:SSZ), and is left out\nchurn import: 2 rejects\n",
            _import.Error);
    }

    [Fact]
    public async Task Run_ColumnsOfOneName_AreRefused()
    {
        Assert.Equal(1, await _import.CsvAsync("customer_id,mrr,currency,start_at,a b,a-b\nc1,1,USD,2024-01-01,1,2\n"));
        Assert.Equal("churn import: rows.csv has the columns \"a b\" and \"a-b\", which are one attribute, a_b: rename one\n", _import.Error);
    }

    [Fact]
    public async Task Run_MoreAttributesThanAreTaken_TakesTheFirstByName()
    {
        var names = Enumerable.Range(0, 70).Select(i => $"a{i:D2}").ToList();
        Assert.Equal(0, await _import.CsvAsync($"customer_id,mrr,currency,start_at,country,{string.Join(',', names)}\nc1,1,USD,2024-01-01,DE,{string.Join(',', names)}\n"));
        Assert.Equal("note: rows.csv: 71 columns are attributes, and 64 are taken: a64, a65, a66, a67, a68, a69 are left out\n", _import.Error);
        var profile = _import.Standing().Single(f => f.CustomerProfile is not null).CustomerProfile;
        Assert.Equal(names[..64], profile.Attributes.Keys.Order());
        Assert.Equal("DE", profile.Country);
    }

    [Fact]
    public async Task Run_OrderOfColumns_ChangesNothing()
    {
        await _import.CsvAsync("customer_id,mrr,currency,start_at,b,a\nc1,1,USD,2024-01-01,2,1\n");
        Assert.Equal(0, await _import.CsvAsync("a,b,start_at,mrr,customer_id,currency\n1,2,2024-01-01,1.00,c1,usd\n"));
        Assert.Contains(": 0 recorded, 2 duplicates, 0 rejected", _import.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RowsOfOneId_CountOnceOrNotAtAll()
    {
        Assert.Equal(2, await _import.CsvAsync(Header
            + "s1,c1,Team,1,USD,2024-01-15,,,,\ns1,c1,Team,1.0,usd,2024-01-15,,,,\ns2,c2,Team,1,USD,2024-01-15,,,,\ns2,c2,Team,1,EUR,2024-01-15,,,,\n"));
        Assert.Equal(["c1", "c1"], _import.Standing().Select(f => f.CustomerId));
        Assert.Equal(
            "rows.csv:4: subscription_id stands with other content in line 5; neither is counted\n"
            + "rows.csv:5: subscription_id stands with other content in line 4; neither is counted\n"
            + "note: 1 row said the same as an earlier one and is counted once\nchurn import: 2 rejects\n",
            _import.Error);
    }

    [Fact]
    public async Task Run_RowsOfOneStart_SayWhatAReportSaysOfTheCustomer()
    {
        // A report takes the value that sorts last, column by column.
        await _import.CsvAsync(
            "subscription_id,customer_id,mrr,currency,start_at,recorded_at,a,b\n"
            + "s1,c1,1,USD,2024-01-15,,x,2\ns2,c1,1,USD,2024-01-15,,y,1\ns3,c1,1,USD,2024-01-15,2024-01-16,z,0\ns4,c2,1,USD,2024-01-15,,w,0\n");
        var profiles = _import.Standing().Where(f => f.CustomerProfile is not null).Select(f => (f.CustomerId, f.Sequence > 0, f.CustomerProfile.Attributes["a"], f.CustomerProfile.Attributes["b"]));
        Assert.Equal([("c1", false, "y", "2"), ("c1", false, "y", "2"), ("c1", true, "z", "0"), ("c2", false, "w", "0")], profiles);
    }

    [Fact]
    public async Task Run_TelcoFile_RecordsItsCustomersAndAttributes()
    {
        var telco = Path.Combine(AppContext.BaseDirectory, "Data", "telco.csv");
        Assert.Equal(0, await _import.RunAsync(telco, "--mapping", "telco", "--snapshot-date", "2020-01-01"));
        var facts = _import.Standing();
        Assert.Equal(7_043, facts.Count(f => f.SubscriptionStarted is not null));
        Assert.Equal(1_869, facts.Count(f => f.SubscriptionEnded is not null));
        Assert.All(facts.Where(f => f.SubscriptionEnded is not null), f => Assert.Equal(Timestamp.FromDateTime(new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc)), f.OccurTime));
        Assert.Equal("USD", Assert.Single(facts.Select(f => f.SubscriptionStarted?.Price.Currency).OfType<string>().Distinct()));
        Assert.Equal("Fiber optic", facts.First(f => f.CustomerProfile?.Attributes.GetValueOrDefault("internet_service", "") is "Fiber optic").CustomerProfile.Attributes["internet_service"]);
        Assert.Equal(0, await _import.RunAsync(telco, "--mapping", "telco", "--snapshot-date", "2020-01-01"));
        Assert.Contains(": 0 recorded, ", _import.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoServer_SaysSoAndWhatToDo()
    {
        Assert.Equal(1, await _import.RunAsync(_import.File("a.csv", Header), "--address", "http://127.0.0.1:1"));
        Assert.Equal("churn import: no server answers at http://127.0.0.1:1 (Connection refused); churn serve starts one, --address names another\n", _import.Error);
        Assert.Equal("", _import.Output);
    }

    [Theory]
    [InlineData("no.csv", "no.csv does not exist")]
    [InlineData("", "the name of a file is empty")]
    public async Task Run_FileThatIsNotThere_SaysSo(string name, string message)
    {
        Assert.Equal(1, await _import.RunAsync(name.Length == 0 ? "" : _import.PathOf(name)));
        Assert.Equal($"churn import: {message}\n", _import.Error);
    }

    [Theory]
    [InlineData("a.csv", "", "a.csv is empty")]
    [InlineData("a.csv", "a,b\n1,2\n", "a.csv lacks customer_id, start_at and a price (mrr, mrr_cents, or amount or amount_cents with billing_period); its columns are a, b")]
    public async Task Run_FileThatCannotBeRead_SaysSo(string name, string text, string message)
    {
        Assert.Equal(1, await _import.RunAsync(_import.File(name, text)));
        Assert.Equal($"churn import: {message}\n", _import.Error);
    }

    [Theory]
    [InlineData("a.ndjson")]
    [InlineData("a.jsonl.gz")]
    public async Task Run_EmptyFileOfFacts_ImportsNothing(string name)
    {
        Assert.Equal(0, await _import.RunAsync(_import.File(name, "", gzip: name.EndsWith(".gz", StringComparison.Ordinal))));
        Assert.StartsWith("0 facts in ", _import.Output, StringComparison.Ordinal);
        Assert.Empty(_import.Server.Reads.Tokens);
    }

    [Fact]
    public async Task Run_FileNamedTwiceOrAFolder_IsRefused()
    {
        var file = _import.File("a.csv", Header);
        Assert.Equal(1, await _import.RunAsync(file, file));
        Assert.Equal("churn import: a.csv is named twice: its rows would count twice\n", _import.Error);
        Assert.Equal(1, await _import.RunAsync(file, "--rejects", file));
        Assert.Equal("churn import: --rejects a.csv is a file to read: it would be overwritten\n", _import.Error);
        Directory.CreateDirectory(_import.PathOf("folder"));
        Assert.Equal(1, await _import.RunAsync(_import.PathOf("folder")));
        Assert.Equal("churn import: folder is a folder: name the files in it\n", _import.Error);
    }

    [Fact]
    public async Task Run_GzipThatIsCut_ImportsWhatIsWholeAndSaysSo()
    {
        var facts = Generated(intervals: false, 300);
        var whole = await File.ReadAllBytesAsync(_import.File("whole.gz", facts, gzip: true), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(_import.PathOf("cut.gz"), whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);
        Assert.Equal(2, await _import.RunAsync(_import.PathOf("cut.gz")));
        var recorded = _import.Server.Log.Facts;
        Assert.InRange(recorded.Length, 1, facts.Count(c => c == '\n'));
        Assert.Equal($"cut.gz:{recorded.Length + 1}:1: the gzip stream is cut or damaged: what follows is missing\nchurn import: 1 reject\n", _import.Error);
        Assert.Equal(facts.Split('\n')[..recorded.Length].Select(line => JsonParser.Default.Parse<Fact>(line)), recorded);
    }

    [Fact]
    public async Task Run_LineThatIsTooLong_IsRejectedAndTheRestGoesOn()
    {
        const string fact = """{"source":"a","eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}""";
        var text = $"{{{new string(' ', 3_000_000)}}}\n{fact}\n{new string('x', 1_000_001)}";
        Assert.Equal(2, await _import.RunAsync(_import.File("a.ndjson", text)));
        Assert.Single(_import.Server.Log.Facts);
        Assert.Equal(
            "a.ndjson:1:1: the line is longer than 1000000 bytes, the longest that is read\na.ndjson:3:1: the line is longer than 1000000 bytes, the longest that is read\nchurn import: 2 rejects\n",
            _import.Error);
    }

    [Fact]
    public async Task Run_SourceOption_IsThatOfRowsAndOfFactsThatNameNone()
    {
        var facts = _import.File("a.ndjson", """
            {"eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}
            {"source":"b","eventId":"1","customerId":"c","occurTime":"2024-01-01T00:00:00Z","customerErased":{}}
            """);
        Assert.Equal(0, await _import.RunAsync(facts, _import.File("b.csv", Header + "s1,c1,Team,1,USD,2024-01-15,,,,\n"), "--source", "crm.eu-1"));
        Assert.Equal(["b", "crm.eu-1", "crm.eu-1", "crm.eu-1"], _import.Server.Log.Facts.Select(f => f.Source).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Run_StreamBreaks_GoesOnAndSaysSo()
    {
        _import.Server.Log.Breaks.Enqueue(1_500);
        Assert.Equal(0, await _import.RunAsync(_import.File("a.ndjson", Generated(intervals: false, 500))));
        Assert.Equal("churn import: Another service of this installation does not answer: send this again (PEER_UNAVAILABLE); trying again ...\n", _import.Error);
    }

    [Theory]
    [InlineData("--source Upper", "--source takes 1 to 64 characters of a-z, 0-9, '-', '_', '.' and ':', not 'Upper'.")]
    [InlineData("--address ftp://x", "--address takes the address of a server such as http://127.0.0.1:8080, not 'ftp://x'.")]
    [InlineData("--fast", "--fast is not an option of churn import; --help lists them.")]
    [InlineData("--currency dollars", "--currency takes a code of three letters such as USD, not 'dollars'.")]
    [InlineData("--tenure months", "--tenure needs --churned too.")]
    public void Parse_ArgumentThatIsWrong_SaysSo(string arguments, string error) =>
        Assert.Equal([error], Suite.Import.ImportCommand.Create().Parse(arguments).Errors.Select(e => e.Message));

    private static string Generated(bool intervals, int customers)
    {
        using var stream = new MemoryStream();
        var business = new SyntheticBusiness(1, new DateTime(2022, 1, 1, 0, 0, 0, DateTimeKind.Utc), 24);
        if (intervals)
        {
            business.WriteIntervals(stream, customers);
        }
        else
        {
            business.WriteFacts(stream, customers);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
