using Churn.Suite.Import.Csv;

namespace Churn.Suite.Import;

/// <summary>Says where a fact comes from, in the one number that comes back with a reject.</summary>
/// <param name="File">The number of its file.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Field">What of a row it says.</param>
internal readonly record struct Tag(int File, int Line, RowField Field)
{
    private const int LineBits = 32;
    private const int FieldBits = 3;

    public long Packed => ((long)File << (LineBits + FieldBits)) | ((long)Line << FieldBits) | (long)Field;

    public static Tag Unpack(long packed) => new(
        (int)(packed >> (LineBits + FieldBits)), (int)((packed >> FieldBits) & uint.MaxValue), (RowField)(packed & ((1 << FieldBits) - 1)));
}
