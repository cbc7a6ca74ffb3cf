using Google.Protobuf;
using Grpc.Core;
using RichStatus = Google.Rpc.Status;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Carries a <c>google.rpc.Status</c> with its details in an <see cref="RpcException"/>, and gets it out again.</summary>
public static class RichErrors
{
    internal const string Trailer = "grpc-status-details-bin";

    /// <summary>Makes the exception that fails a call with this status.</summary>
    /// <exception cref="ArgumentException">The code is OK, or none of gRPC's.</exception>
    public static RpcException ToRpcException(this RichStatus status)
    {
        var code = (StatusCode)status.Code;
        if (code == StatusCode.OK || !Enum.IsDefined(code))
        {
            throw new ArgumentException($"A call cannot fail with code {status.Code}.", nameof(status));
        }

        return new RpcException(new Status(code, status.Message), new Metadata { { Trailer, status.ToByteArray() } });
    }

    /// <summary>Reads the status that a failed call brought along, or null when it brought none that can be read.</summary>
    public static RichStatus? ToRichStatus(this RpcException exception)
    {
        if (exception.Trailers.GetValueBytes(Trailer) is not { } bytes)
        {
            return null;
        }

        try
        {
            return RichStatus.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            // Damaged details must not hide the error they belong to.
            return null;
        }
    }
}
