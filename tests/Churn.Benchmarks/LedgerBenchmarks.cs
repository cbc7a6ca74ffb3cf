using BenchmarkDotNet.Attributes;
using Churn.Metrics.Domain;

namespace Churn.Benchmarks;

/// <summary>Times the ledger's steps on customers of a few terms each.</summary>
[InProcess]
[MemoryDiagnoser]
public class LedgerBenchmarks
{
    private const int Customers = 10_000;
    private readonly Horizon _horizon = new(Calendar.MonthOf(2022, 1), Calendar.MonthOf(2024, 12), Calendar.MonthOf(2022, 1));
    private readonly History _history = new();
    private readonly Term[][] _terms = new Term[Customers][];

    [Params(1, 3, 10)]
    public int Terms { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var i = 0; i < Customers; i++)
        {
            var start = Calendar.Start(_horizon.From) + (random.NextInt64(600) * Calendar.Day);
            _terms[i] = new Term[Terms];
            for (var t = 0; t < Terms; t++)
            {
                var end = start + (random.NextInt64(1, 200) * Calendar.Day);
                _terms[i][t] = new Term(start, end, random.NextInt64(1, 100) * Money.Unit, random.Next(4));
                start = end + (random.NextInt64(3) * 20 * Calendar.Day);
            }
        }
    }

    /// <summary>Builds timelines and reads the movements of three grains.</summary>
    [Benchmark(OperationsPerInvoke = Customers)]
    public int Load()
    {
        var movements = 0;
        foreach (var terms in _terms)
        {
            _history.Load(terms);
            movements += _history[Grain.Instant].Length;
        }

        return movements;
    }

    /// <summary>Does the same and adds them to a ledger.</summary>
    [Benchmark(OperationsPerInvoke = Customers)]
    public Ledger Add()
    {
        var ledger = new Ledger(_horizon, plans: 4);
        foreach (var terms in _terms)
        {
            _history.Load(terms);
            ledger.Add(_history, terms);
        }

        return ledger;
    }
}
