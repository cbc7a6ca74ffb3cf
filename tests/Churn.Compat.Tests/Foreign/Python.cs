using System.Diagnostics;
using Churn.Compat.Tests.V1;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Rpc;
using Grpc.Health.V1;
using Grpc.Reflection.V1;

namespace Churn.Compat.Tests.Foreign;

/// <summary>Runs Debian's python3-grpcio, an implementation of gRPC that shares no code with ours.</summary>
internal static class Python
{
    private const string Command = "/usr/bin/python3";

    /// <summary>Skips the test where the package is missing; with CI=true that is a failure.</summary>
    public static async Task RequireGrpcAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(Command))
        {
            using var probe = Start("-c", "import grpc, google.protobuf");
            await probe.WaitForExitAsync(cancellationToken);
            if (probe.ExitCode == 0)
            {
                return;
            }
        }

        const string Reason = "python3-grpcio is not installed for /usr/bin/python3.";
        Assert.False(Environment.GetEnvironmentVariable("CI") == "true", Reason);
        Assert.Skip(Reason);
    }

    public static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo(Command, arguments)
    {
        UseShellExecute = false,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;

    public static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Foreign", name);

    /// <summary>The descriptors of all messages in use, imports first: all that a script knows of them.</summary>
    public static byte[] Descriptors()
    {
        var files = new FileDescriptorSet();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        FileDescriptor[] roots =
        [
            EchoReflection.Descriptor, HealthCheckRequest.Descriptor.File, ServerReflectionRequest.Descriptor.File,
            StatusReflection.Descriptor, ErrorDetailsReflection.Descriptor,
        ];
        foreach (var root in roots)
        {
            Add(root);
        }

        return files.ToByteArray();

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
