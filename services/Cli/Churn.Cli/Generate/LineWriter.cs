using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;

namespace Churn.Cli.Generate;

/// <summary>Formats text as UTF-8 straight into one buffer, and the buffer into a stream when it is full.</summary>
internal sealed class LineWriter(Stream stream)
{
    private const int LongestText = 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;

    private Span<byte> Space
    {
        get
        {
            if (_buffer.Length - _used < LongestText)
            {
                Flush();
            }

            return _buffer.AsSpan(_used);
        }
    }

    /// <summary>Writes a text of at most 1 KiB, formatted without a string of its own: there are millions of them.</summary>
    public void Write([InterpolatedStringHandlerArgument("")] ref Text text)
    {
        if (!Utf8.TryWrite(Space, ref text.Handler, out var bytes))
        {
            throw new InvalidOperationException("A text is longer than the buffer has space for.");
        }

        _used += bytes;
    }

    public void Flush()
    {
        stream.Write(_buffer, 0, _used);
        _used = 0;
    }

    // Inlined, so that the runtime sees a literal as one and turns it into bytes when it compiles.
    [InterpolatedStringHandler]
    internal ref struct Text(int literalLength, int formattedCount, LineWriter lines)
    {
        public Utf8.TryWriteInterpolatedStringHandler Handler =
            new(literalLength, formattedCount, lines.Space, CultureInfo.InvariantCulture, out _);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool AppendLiteral(string value) => Handler.AppendLiteral(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool AppendFormatted(string? value) => Handler.AppendFormatted(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool AppendFormatted<T>(T value) => Handler.AppendFormatted(value);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public bool AppendFormatted<T>(T value, string? format) => Handler.AppendFormatted(value, format);
    }
}
