using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Text;
using Churn.Ingestion.Storage;
using Churn.Ingestion.V1;
using Churn.ServiceDefaults.Access;
using Churn.ServiceDefaults.Streams;

namespace Churn.Ingestion;

/// <summary>Lists facts page by page, each from a bounded stretch of the log.</summary>
internal sealed class FactPages(FactsStore store)
{
    public const int DefaultSize = 100;
    public const int LargestSize = 10_000;

    // A page answers within milliseconds and fits a message, whatever the facts are and however few of them are asked for.
    private const int MostScannedBytes = 8 << 20;
    private const int MostPageBytes = 2 << 20;

    private const byte TokenVersion = 1;
    private const int PlaceBytes = 10;
    private const int TokenBytes = PlaceBytes + 8;

    /// <summary>Gives a page.</summary>
    /// <param name="caller">Whose facts.</param>
    /// <param name="request">What is asked for; its page size is not negative.</param>
    public ListFactsResponse List(Caller caller, ListFactsRequest request)
    {
        var filter = new Filter(caller.Tenant, caller.Spread, request.CustomerId, request.Source);
        var (shard, offset) = request.PageToken.Length == 0 ? (filter.FirstShard, 0L) : Read(request.PageToken, filter);
        var page = new Page(request.PageSize == 0 ? DefaultSize : Math.Min(request.PageSize, LargestSize));
        while (!page.IsOver && shard <= filter.LastShard)
        {
            if (store.Log.Find(shard, offset + 1) is not { } chunk)
            {
                (shard, offset) = (shard + 1, 0);
            }
            else
            {
                offset = page.Take(chunk, offset, filter);
            }
        }

        if (HasMore(shard, offset, filter))
        {
            page.Response.NextPageToken = Write(shard, offset, filter);
        }

        return page.Response;
    }

    // No token leads to a page that would be empty because nothing is left.
    private bool HasMore(int shard, long offset, Filter filter)
    {
        for (; shard <= filter.LastShard; shard++)
        {
            if (store.Log.Head(shard).Offset > offset)
            {
                return true;
            }

            offset = 0;
        }

        return false;
    }

    private static string Write(int shard, long offset, Filter filter)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        token[0] = TokenVersion;
        token[1] = (byte)shard;
        BinaryPrimitives.WriteInt64BigEndian(token[2..], offset);
        BinaryPrimitives.WriteUInt64BigEndian(token[PlaceBytes..], filter.Check(token[..PlaceBytes]));
        return Base64Url.EncodeToString(token);
    }

    private static (int Shard, long Offset) Read(string text, Filter filter)
    {
        Span<byte> token = stackalloc byte[TokenBytes];
        if (!Base64Url.IsValid(text, out var length)
            || length != TokenBytes
            || !Base64Url.TryDecodeFromChars(text, token, out _)
            || token[0] != TokenVersion
            || BinaryPrimitives.ReadUInt64BigEndian(token[PlaceBytes..]) != filter.Check(token[..PlaceBytes]))
        {
            throw IngestionFaults.PageTokenInvalid();
        }

        return (token[1], BinaryPrimitives.ReadInt64BigEndian(token[2..]));
    }

    private sealed class Page(int size)
    {
        private int _scanned;
        private int _bytes;

        public ListFactsResponse Response { get; } = new();

        public bool IsOver => Response.Facts.Count >= size || _scanned >= MostScannedBytes || _bytes >= MostPageBytes;

        /// <summary>Takes what fits from the records after an offset, and gives the offset of the last one that it looked at.</summary>
        public long Take(StreamChunk chunk, long after, Filter filter)
        {
            if (chunk.Tenant != filter.Tenant)
            {
                _scanned += chunk.Records.Length;
                return chunk.LastOffset;
            }

            var offset = chunk.FirstOffset - 1;
            foreach (var record in chunk.Read())
            {
                offset++;
                _scanned += record.Length;
                if (offset <= after)
                {
                    continue;
                }

                if (filter.Takes(record.Span))
                {
                    Response.Facts.Add(FactReader.FromBytes(record.Span, chunk.RecordTime));
                    _bytes += record.Length;
                }

                if (IsOver)
                {
                    break;
                }
            }

            return offset;
        }
    }

    private sealed class Filter
    {
        private readonly byte[] _customer;
        private readonly byte[] _source;

        public Filter(string tenant, int spread, string customer, string source)
        {
            Tenant = tenant;
            _customer = Encoding.UTF8.GetBytes(customer);
            _source = Encoding.UTF8.GetBytes(source);

            // A customer's facts are in one shard; only that one is looked at.
            (FirstShard, LastShard) = customer.Length == 0 ? (0, Shards.Count - 1) : (Shards.Of(tenant, customer, spread), Shards.Of(tenant, customer, spread));
        }

        public string Tenant { get; }

        public int FirstShard { get; }

        public int LastShard { get; }

        public bool Takes(ReadOnlySpan<byte> settled)
        {
            if (_customer.Length == 0 && _source.Length == 0)
            {
                return true;
            }

            var head = FactHead.Read(settled);
            return (_customer.Length == 0 || head.Customer.SequenceEqual(_customer)) && (_source.Length == 0 || head.Source.SequenceEqual(_source));
        }

        /// <summary>Gives what makes a token out of a place: with another filter, or made up, it does not fit.</summary>
        public ulong Check(ReadOnlySpan<byte> place)
        {
            var hash = new XxHash64();
            hash.Append("facts"u8);
            hash.Append(place);
            foreach (var part in (ReadOnlySpan<byte[]>)[Encoding.UTF8.GetBytes(Tenant), _customer, _source])
            {
                hash.Append(BitConverter.GetBytes(part.Length));
                hash.Append(part);
            }

            return hash.GetCurrentHashAsUInt64();
        }
    }
}
