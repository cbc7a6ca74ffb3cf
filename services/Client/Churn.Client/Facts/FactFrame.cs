using Churn.Ingestion.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Churn.Client.Facts;

/// <summary>Holds what one message of the stream sends: the facts of a batch from one on, which are bytes already.</summary>
internal sealed record FactFrame(FactBatch Batch, int First)
{
    public static readonly Marshaller<FactFrame> Marshaller = Marshallers.Create<FactFrame>(
        static (frame, context) =>
        {
            var bytes = frame.Batch.From(frame.First);
            context.SetPayloadLength(bytes.Length);
            System.Buffers.BuffersExtensions.Write(context.GetBufferWriter(), bytes);
            context.Complete();
        },
        static _ => throw new NotSupportedException("A frame is only sent."));

    public static readonly Marshaller<StreamFactsResponse> Answer = Marshallers.Create<StreamFactsResponse>(
        static (response, context) => context.Complete(response.ToByteArray()),
        static context => StreamFactsResponse.Parser.ParseFrom(context.PayloadAsReadOnlySequence()));
}
