using System.Diagnostics;
using Churn.Compat.Tests.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Reflection.V1;
using HealthReflection = Grpc.Health.V1.HealthReflection;

namespace Churn.Compat.Tests;

/// <summary>The server as Debian's python3-grpcio sees it: an implementation that shares no code with ours.</summary>
public class ForeignClientTests
{
    private const string Python = "/usr/bin/python3";

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
        if (!await HasClientAsync())
        {
            const string Reason = "python3-grpcio is not installed for /usr/bin/python3.";
            Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Reason);
            Assert.Skip(Reason);
        }

        await using var server = await EchoServer.StartAsync();
        var folder = Directory.CreateTempSubdirectory("churn-foreign-client");
        try
        {
            var certificate = Path.Combine(folder.FullName, "certificate.pem");
            await File.WriteAllTextAsync(certificate, server.Certificate.ExportCertificatePem(), Ct);
            var descriptors = Path.Combine(folder.FullName, "descriptors.bin");
            await File.WriteAllBytesAsync(descriptors, Descriptors().ToByteArray(), Ct);
            var (exit, output) = await RunAsync(
                Path.Combine(AppContext.BaseDirectory, "ForeignClient", "client.py"),
                $"{new Uri(server.Address).Port}",
                $"{new Uri(server.TlsAddress).Port}",
                certificate,
                descriptors);
            Assert.Equal(Cases.Select(name => $"ok {name}"), output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            Assert.Equal(0, exit);
            await server.State.Ended("foreign deadline").Task.WaitAsync(Ct);
            await server.State.Ended("foreign cancellation").Task.WaitAsync(Ct);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<bool> HasClientAsync() => File.Exists(Python) && (await RunAsync("-c", "import grpc, google.protobuf")).Exit == 0;

    private static async Task<(int Exit, string Output)> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(Ct);
            var output = await process.StandardOutput.ReadToEndAsync(Ct);
            TestContext.Current.TestOutputHelper?.WriteLine(await errors);
            await process.WaitForExitAsync(Ct);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    // Imports first, as a reader that knows nothing yet must have them.
    private static FileDescriptorSet Descriptors()
    {
        var files = new FileDescriptorSet();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        FileDescriptor[] roots =
        [
            EchoReflection.Descriptor, HealthReflection.Descriptor, ServerReflectionRequest.Descriptor.File, StatusReflection.Descriptor,
            ErrorDetailsReflection.Descriptor,
        ];
        foreach (var root in roots)
        {
            Add(root);
        }

        return files;

        void Add(FileDescriptor file)
        {
            if (!seen.Add(file.Name))
            {
                return;
            }

            foreach (var import in file.Dependencies)
            {
                Add(import);
            }

            files.File.Add(FileDescriptorProto.Parser.ParseFrom(file.SerializedData));
        }
    }
}
