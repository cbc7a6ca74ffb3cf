using System.Buffers.Binary;
using System.IO.Compression;

namespace Churn.Cli.Report.Input;

/// <summary>Decompresses gzip (RFC 1952) and tells when the end is missing, which the framework's stream passes over.</summary>
internal sealed class WholeGzipStream : ReadOnlyStream
{
    private readonly Watched _compressed;
    private readonly GZipStream _gzip;
    private long _length;

    public WholeGzipStream(Stream compressed)
    {
        _compressed = new Watched(compressed);
        _gzip = new GZipStream(_compressed, CompressionMode.Decompress);
    }

    /// <summary>Reads what is decompressed; throws where the stream is damaged or ends before its end.</summary>
    public override int Read(Span<byte> buffer)
    {
        var read = _gzip.Read(buffer);
        _length += read;
        if (read == 0 && buffer.Length > 0 && !_compressed.EndsWith(_length))
        {
            throw new InvalidDataException("The gzip stream ends early.");
        }

        return read;
    }

    protected override void Dispose(bool disposing)
    {
        _gzip.Dispose();
        base.Dispose(disposing);
    }

    /// <summary>Remembers what a whole stream is known by: its last four bytes, the length of its last member.</summary>
    private sealed class Watched(Stream compressed) : ReadOnlyStream
    {
        // A header, the shortest deflate block and a trailer; the zeros of a header alone look like the length of nothing.
        private const int Smallest = 20;

        private static ReadOnlySpan<byte> Member => [0x1F, 0x8B, 0x08];

        private readonly byte[] _last = new byte[4];
        private bool _several;
        private long _read;

        public bool EndsWith(long length)
        {
            var lastMember = BinaryPrimitives.ReadUInt32LittleEndian(_last);
            return _read >= Smallest && (lastMember == (length & uint.MaxValue) || (_several && lastMember < length));
        }

        public override int Read(Span<byte> buffer)
        {
            var read = compressed.Read(buffer);
            var bytes = buffer[..read];
            // The first member begins the stream; another beginning, which two reads may share, may be another member.
            Span<byte> seam = [.. _last.AsSpan(_last.Length - 2), .. bytes[..Math.Min(2, read)]];
            _several |= (_read > 2 && seam.IndexOf(Member) >= 0)
                || bytes[(_read == 0 ? Math.Min(read, 1) : 0)..].IndexOf(Member) >= 0;
            _read += read;
            foreach (var value in bytes[Math.Max(0, read - _last.Length)..])
            {
                _last.AsSpan(1).CopyTo(_last);
                _last[^1] = value;
            }

            return read;
        }

        protected override void Dispose(bool disposing)
        {
            compressed.Dispose();
            base.Dispose(disposing);
        }
    }
}
