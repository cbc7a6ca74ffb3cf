using System.Text.RegularExpressions;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;
using RichStatus = Google.Rpc.Status;
using Task = System.Threading.Tasks.Task;

namespace Churn.Suite.Tests.Errors;

/// <summary>Calls every method, with good requests and bad ones, on a server that is well and on one whose stores are broken: each failure says why, and shows nothing of the inside.</summary>
public sealed partial class CallErrorsTests
{
    private static readonly byte[] Nonsense = [0xFF, 0xFF, 0xFF];

    [Fact]
    public async Task Law_EveryFailure_HasAReasonOfTheListAndShowsNothingOfTheInside()
    {
        await using var server = await ErrorServer.StartAsync();
        var listed = Row().Matches(await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "errors.md"), TestContext.Current.CancellationToken)).Select(row => row.Groups["reason"].Value).ToHashSet(StringComparer.Ordinal);
        var wrong = new List<string>();
        var reasons = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var broken in new[] { false, true })
        {
            if (broken)
            {
                server.BreakStores();
            }

            foreach (var method in ErrorServer.Methods)
            {
                foreach (var request in new[] { [], Filled(method.InputType, 0).ToByteArray(), Nonsense })
                {
                    if (await server.CallAsync(method, request) is { } failure)
                    {
                        Check(method, failure);
                    }
                }
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong.Distinct()));

        // It is of use only where stores were met that failed.
        Assert.True(reasons.GetValueOrDefault("STORAGE_FAILED") > 10, string.Join(", ", reasons));
        Assert.True(reasons.GetValueOrDefault("FIELD_MISSING") + reasons.GetValueOrDefault("FIELD_INVALID") > 10, string.Join(", ", reasons));

        void Check(MethodDescriptor method, RpcException failure)
        {
            var told = $"{method.Service.Name}/{method.Name} {failure.StatusCode}: {failure.Status.Detail}";
            var rich = failure.Trailers.GetValueBytes("grpc-status-details-bin") is { } bytes ? RichStatus.Parser.ParseFrom(bytes) : null;
            var info = rich?.Details.Select(detail => detail.TryUnpack<ErrorInfo>(out var found) ? found : null).FirstOrDefault(found => found is not null);
            if (info is null || info.Domain != "churn" || !listed.Contains(info.Reason) || rich!.Code != (int)failure.StatusCode || rich.Message != failure.Status.Detail)
            {
                wrong.Add($"{told}: its reason is {info?.Reason ?? "none"}");
                return;
            }

            reasons[info.Reason] = reasons.GetValueOrDefault(info.Reason) + 1;
            if (failure.StatusCode is StatusCode.Unavailable or StatusCode.ResourceExhausted && !rich.Details.Any(detail => detail.Is(RetryInfo.Descriptor)))
            {
                wrong.Add($"{told}: it does not say when to try again");
            }

            if (Inside().IsMatch(failure.Status.Detail) || info.Metadata.Values.Any(value => Inside().IsMatch(value)))
            {
                wrong.Add($"{told}: it shows the inside");
            }
        }
    }

    [Fact]
    public async Task Call_OfNoMethod_SaysSo()
    {
        await using var server = await ErrorServer.StartAsync();
        var marshaller = Marshallers.Create<byte[]>(bytes => bytes, bytes => bytes);
        foreach (var (service, name) in new[] { ("churn.ingestion.v1.IngestionService", "Nothing"), ("churn.none.v1.None", "Nothing") })
        {
            var method = new Method<byte[], byte[]>(MethodType.Unary, service, name, marshaller, marshaller);
            var failure = await Assert.ThrowsAsync<RpcException>(async () => await server.Channel.CreateCallInvoker().AsyncUnaryCall(method, null, default, []));
            Assert.Equal("METHOD_UNKNOWN", ReasonOf(failure));
        }
    }

    [Fact]
    public async Task Call_WithMoreThanAnyRequestHas_SaysSo()
    {
        await using var server = await ErrorServer.StartAsync();
        var method = ErrorServer.Methods.Single(method => method.Name == "GetRates");
        Assert.Equal("MESSAGE_TOO_LARGE", ReasonOf((await server.CallAsync(method, new byte[5 << 20]))!));
    }

    [Theory]
    [InlineData("SQLite Error 1: 'no such table: fact'", true)]
    [InlineData("SELECT x FROM y", true)]
    [InlineData("   at Churn.Metrics.Foo()", true)]
    [InlineData("System.InvalidOperationException: x", true)]
    [InlineData("/tmp/churn/facts.db failed", true)]
    [InlineData("No fact is recorded with source \"a\" and event_id \"b\": see that both are right.", false)]
    public void Inside_Sample_FindsWhatIsNobodysBusiness(string text, bool shows) => Assert.Equal(shows, Inside().IsMatch(text));

    private static string? ReasonOf(RpcException failure) => RichStatus.Parser.ParseFrom(failure.Trailers.GetValueBytes("grpc-status-details-bin"))
        .Details.Select(detail => detail.TryUnpack<ErrorInfo>(out var info) ? info.Reason : null).First();

    // Something in every field: far enough for most calls to get to their stores.
    private static IMessage Filled(MessageDescriptor descriptor, int depth)
    {
        var message = descriptor.Parser.ParseFrom([]);
        if (message is Timestamp)
        {
            return Timestamp.FromDateTimeOffset(new(2024, 1, 1, 0, 0, 0, TimeSpan.Zero));
        }

        foreach (var field in descriptor.Fields.InDeclarationOrder().Where(field => field.RealContainingOneof is null || field == field.RealContainingOneof.Fields[0]))
        {
            if (field.IsMap || field.Name is "page_token" or "consistency_token" or "at" or "by" or "currency" || depth > 3)
            {
                continue;
            }

            object? value = field.FieldType switch
            {
                FieldType.String => field.Name.EndsWith("month", StringComparison.Ordinal) ? "2024-01" : "x",
                FieldType.Bool => false,
                FieldType.Int32 or FieldType.SInt32 or FieldType.SFixed32 => 1,
                FieldType.Int64 or FieldType.SInt64 or FieldType.SFixed64 => 1L,
                FieldType.UInt32 or FieldType.Fixed32 => 1u,
                FieldType.UInt64 or FieldType.Fixed64 => 1ul,
                FieldType.Double => 1.0,
                FieldType.Float => 1f,
                FieldType.Bytes => ByteString.CopyFromUtf8("x"),
                FieldType.Enum => 1,
                FieldType.Message => Filled(field.MessageType, depth + 1),
                _ => null,
            };
            if (value is null)
            {
                continue;
            }

            if (field.IsRepeated)
            {
                ((System.Collections.IList)field.Accessor.GetValue(message)).Add(value);
            }
            else
            {
                field.Accessor.SetValue(message, value);
            }
        }

        return message;
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Churn.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }

    [GeneratedRegex(@"SQLite|Npgsql|\b(SELECT|INSERT INTO|UPDATE|DELETE FROM)\b|no such table|gone_|^\s*at \w+\.|\w+Exception|\.cs:|\.db\b|/tmp/|C:\\", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Inside();

    [GeneratedRegex(@"^\| `(?<reason>[A-Z_]+)` \|", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Row();
}
