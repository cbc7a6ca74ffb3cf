using System.Globalization;
using System.Text.Unicode;

namespace Churn.Cli.Generate;

/// <summary>Formats text as UTF-8 straight into one buffer, and the buffer into a stream when it is full.</summary>
internal sealed class LineWriter(Stream stream)
{
    /// <summary>More than any one piece of text takes: the longest is a fact's body.</summary>
    private const int LongestText = 1024;

    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _used;

    /// <summary>Space for the next text; what was formatted into it counts once it is passed to <see cref="Append"/>.</summary>
    public Span<byte> Space
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

    public void Append(int bytes) => _used += bytes;

    public void Write(string text)
    {
        if (!Utf8.TryWrite(Space, CultureInfo.InvariantCulture, $"{text}", out var bytes))
        {
            throw new InvalidOperationException("A text is longer than a line may be.");
        }

        Append(bytes);
    }

    public void Flush()
    {
        stream.Write(_buffer, 0, _used);
        _used = 0;
    }
}
