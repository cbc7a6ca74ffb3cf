namespace Churn.Cli.Report.Input;

/// <summary>Does what a stream must that is only read from its start to its end.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public abstract override int Read(Span<byte> buffer);

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>Gives back the first bytes of a stream that cannot be set back.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : ReadOnlyStream
{
    private int _read;

    public override int Read(Span<byte> buffer)
    {
        if (_read == prefix.Length)
        {
            return rest.Read(buffer);
        }

        var length = Math.Min(buffer.Length, prefix.Length - _read);
        prefix.AsSpan(_read, length).CopyTo(buffer);
        _read += length;
        return length;
    }

    protected override void Dispose(bool disposing)
    {
        rest.Dispose();
        base.Dispose(disposing);
    }
}
