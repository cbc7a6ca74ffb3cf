namespace Churn.Compat.Tests.Foreign;

/// <summary>Our server as another implementation's client sees it.</summary>
public class ForeignClientTests
{
    private static readonly string[] Cases =
    [
        "unary", "client_streaming", "server_streaming", "bidirectional_streaming", "deadline", "cancellation", "metadata", "gzip_request",
        "gzip_response", "gzip_empty_messages", "error_with_trailers", "rich_error", "unimplemented", "tls", "health_check", "health_watch",
        "reflection_v1", "reflection_v1alpha",
    ];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PythonClient_EveryCase_GoesAsItShould()
    {
        await Python.RequireGrpcAsync(Ct);
        await using var server = await EchoServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("churn-foreign-client");
        try
        {
            var certificate = Path.Combine(folder.FullName, "certificate.pem");
            await File.WriteAllTextAsync(certificate, server.Certificate.ExportCertificatePem(), Ct);
            var descriptors = Path.Combine(folder.FullName, "descriptors.bin");
            await File.WriteAllBytesAsync(descriptors, Python.Descriptors(), Ct);
            using var client = Python.Start(
                Python.Script("client.py"), $"{new Uri(server.Address).Port}", $"{new Uri(server.TlsAddress).Port}", certificate, descriptors);
            try
            {
                var errors = client.StandardError.ReadToEndAsync(Ct);
                var output = await client.StandardOutput.ReadToEndAsync(Ct);
                TestContext.Current.TestOutputHelper?.WriteLine(await errors);
                Assert.Equal(Cases.Select(name => $"ok {name}"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            }
            finally
            {
                client.Kill();
            }

            await server.State.Ended("foreign deadline").Task.WaitAsync(Ct);
            await server.State.Ended("foreign cancellation").Task.WaitAsync(Ct);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
