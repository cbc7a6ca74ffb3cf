using Churn.Client.Json;
using Churn.Ingestion.V1;
using Google.Protobuf;

namespace Churn.Client.Facts;

/// <summary>Holds some facts as the bytes that go over the wire; made by <see cref="FactWriter.NewBatch"/>.</summary>
public sealed class FactBatch
{
    /// <summary>Gives the most facts that a batch takes.</summary>
    public const int MostFacts = 1_000;

    /// <summary>Gives the largest fact that is taken, in bytes; a batch of such facts stays below what the server takes at once.</summary>
    public const int LargestFact = 1_000_000;

    private const int FullAt = 1_000_000;

    // Field 1 of StreamFactsRequest, which has its length in front.
    private const byte FactTag = (1 << 3) | 2;

    private readonly int[] _starts = new int[MostFacts + 1];
    private readonly long[] _tags = new long[MostFacts];

    internal FactBatch()
    {
    }

    /// <summary>Gives how many facts it holds.</summary>
    public int Count { get; private set; }

    /// <summary>Tells whether it takes no more.</summary>
    public bool IsFull => Count == MostFacts || Wire.Length >= FullAt;

    internal WireBuffer Wire { get; } = new();

    /// <summary>Adds a fact.</summary>
    /// <param name="fact">The fact; it may be changed afterwards, what is sent is what it was.</param>
    /// <param name="tag">A number of the caller's own, such as a line, which comes back when the fact is rejected.</param>
    /// <exception cref="ArgumentException">The fact is larger than <see cref="LargestFact"/>.</exception>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Add(Fact fact, long tag = 0)
    {
        ArgumentNullException.ThrowIfNull(fact);
        ThrowIfFull();
        var size = fact.CalculateSize();
        if (size > LargestFact)
        {
            throw new ArgumentException($"The fact has {size} bytes; the largest that is taken has {LargestFact}.", nameof(fact));
        }

        Wire.Bytes([FactTag]);
        Wire.Varint((uint)size);
        fact.WriteTo(Wire.Take(size));
        Ended(tag);
    }

    /// <summary>Adds a fact that is written as proto3 JSON; several times as fast as by way of an object.</summary>
    /// <param name="json">The JSON of one fact, in UTF-8.</param>
    /// <param name="tag">A number of the caller's own, such as a line, which comes back when the fact is rejected.</param>
    /// <param name="source">The source of a fact that names none; null to leave it without.</param>
    /// <returns>Null when it was added, otherwise what is wrong with it.</returns>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public FactJsonError? AddJson(ReadOnlySpan<byte> json, long tag = 0, string? source = null)
    {
        ThrowIfFull();
        Wire.Bytes([FactTag]);
        var begun = Wire.Begin();
        var error = FactJson.Read(json, Wire, source);
        if (error is null && Wire.Length - begun > LargestFact)
        {
            error = new FactJsonError(1, "", $"is too large; the largest fact that is taken has {LargestFact} bytes");
        }

        if (error is not null)
        {
            Wire.CutTo(_starts[Count]);
            return error;
        }

        Wire.End(begun);
        Ended(tag);
        return null;
    }

    internal bool IsSent { get; set; }

    internal long TagOf(int fact) => _tags[fact];

    /// <summary>Gives the request that has the facts from one on.</summary>
    internal ReadOnlySpan<byte> From(int fact) => Wire.Written[_starts[fact]..];

    internal void Clear()
    {
        Wire.CutTo(0);
        Count = 0;
        IsSent = false;
    }

    private void ThrowIfFull()
    {
        ObjectDisposedException.ThrowIf(IsSent, this);
        if (IsFull)
        {
            throw new InvalidOperationException("The batch is full: write it, and take a new one.");
        }
    }

    private void Ended(long tag)
    {
        _tags[Count] = tag;
        Count++;
        _starts[Count] = Wire.Length;
    }
}
