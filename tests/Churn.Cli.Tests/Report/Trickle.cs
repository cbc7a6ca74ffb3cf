using Churn.Cli.Report.Input;

namespace Churn.Cli.Tests.Report;

/// <summary>Gives a few bytes at a time and cannot be set back, as a pipe does.</summary>
internal sealed class Trickle(byte[] content, int atOnce) : ReadOnlyStream
{
    private int _read;

    public override int Read(Span<byte> buffer)
    {
        var length = Math.Min(Math.Min(buffer.Length, atOnce), content.Length - _read);
        content.AsSpan(_read, length).CopyTo(buffer);
        _read += length;
        return length;
    }
}
