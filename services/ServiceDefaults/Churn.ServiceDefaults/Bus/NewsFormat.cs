using System.Diagnostics.CodeAnalysis;
using System.Net.Mime;
using System.Text;
using MassTransit;
using MassTransit.Serialization;

namespace Churn.ServiceDefaults.Bus;

/// <summary>Holds what came from RabbitMQ or goes there: bytes, and what they claim to be.</summary>
[MessageUrn("churn:stream-news-bytes:v1", useDefaultPrefix: true)]
[ExcludeFromTopology]
internal sealed record NewsBytes(byte[] Bytes, string? ContentType);

/// <summary>Puts bytes on the wire as they are, and takes whatever comes: what is not ours is told from ours by whoever is handed it.</summary>
internal sealed class NewsFormat : ISerializerFactory, IMessageSerializer, IMessageDeserializer
{
    /// <summary>Names what the bytes of news are: a serialized churn.streams.v1.ReadStreamResponse. Another shape would be v2.</summary>
    public const string Name = "application/vnd.churn.stream-news.v1";

    public ContentType ContentType { get; } = new(Name);

    public IMessageSerializer CreateSerializer() => this;

    public IMessageDeserializer CreateDeserializer() => this;

    public void Probe(ProbeContext context) => context.CreateScope("news").Add("contentType", Name);

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class => new BytesMessageBody(context.Message is NewsBytes news ? news.Bytes : throw NoNews(typeof(T)));

    public MessageBody GetMessageBody(string text) => new BytesMessageBody(Encoding.UTF8.GetBytes(text));

    public ConsumeContext Deserialize(ReceiveContext receiveContext) =>
        new BodyConsumeContext(receiveContext, ContextOf(receiveContext.Body, receiveContext.TransportHeaders, receiveContext.InputAddress, MediaTypeOf(receiveContext)));

    public SerializerContext Deserialize(MessageBody body, Headers headers, Uri? destinationAddress = null) => ContextOf(body, headers, destinationAddress, Name);

    // What others wrote there need not be a content type at all.
    private static string? MediaTypeOf(ReceiveContext context)
    {
        try
        {
            return context.ContentType?.MediaType;
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private Whole ContextOf(MessageBody body, Headers headers, Uri? destination, string? contentType) =>
        new(this, new RawMessageContext(headers, destination, RawSerializerOptions.AddTransportHeaders), new NewsBytes(body.GetBytes(), contentType));

    private static NotSupportedException NoNews(Type type) => new($"{type} is no news.");

    private sealed class Whole(NewsFormat format, MessageContext message, NewsBytes news)
        : BaseSerializerContext(SystemTextJsonMessageSerializer.Instance, message, [MessageUrn.ForTypeString<NewsBytes>()])
    {
        public override bool TryGetMessage<T>([NotNullWhen(true)] out T? message)
            where T : class
        {
            message = news as T;
            return message is not null;
        }

        public override bool TryGetMessage(Type messageType, [NotNullWhen(true)] out object? message)
        {
            message = messageType.IsInstanceOfType(news) ? news : null;
            return message is not null;
        }

        public override IMessageSerializer GetMessageSerializer() => format;

        public override IMessageSerializer GetMessageSerializer<T>(MessageEnvelope envelope, T message) => throw NoNews(typeof(T));

        public override IMessageSerializer GetMessageSerializer(object message, string[] messageTypes) => throw NoNews(message.GetType());

        public override Dictionary<string, object> ToDictionary<T>(T? message)
            where T : class => throw NoNews(typeof(T));
    }
}
