using Churn.Metrics.Domain;
using Microsoft.Win32.SafeHandles;

namespace Churn.Cli.Report.Output;

/// <summary>Writes the movements of customers, in the customers' order, at each grain into its file.</summary>
/// <remarks>
/// Several threads write at once: each formats a range of customers, waits until the ranges before it have their places in the
/// files, takes its own, and writes there while the next takes its.
/// </remarks>
internal sealed class MovementFiles
{
    public static readonly string[] Names = ["movements_month.csv", "movements_day.csv", "movements_instant.csv"];

    private static readonly byte[][] Headers =
    [
        "customer_id,month,before,after,delta,category,category_true_history\n"u8.ToArray(),
        "customer_id,day,before,after,delta,category\n"u8.ToArray(),
        "customer_id,t,before,after,delta,category\n"u8.ToArray(),
    ];

    private readonly SafeFileHandle[] _files = new SafeFileHandle[3];
    private readonly long[] _lengths = new long[3];
    private readonly Horizon _horizon;
    private readonly byte[] _days;
    private readonly byte[] _months;

    private const int DayLength = 10;
    private const int MonthLength = 7;

    public MovementFiles(NewFiles files, Horizon horizon, bool segmented)
    {
        _horizon = horizon;
        var days = new Lines();
        for (var day = 0; day < horizon.Days; day++)
        {
            days.Day(horizon.FirstDay + day);
        }

        var months = new Lines();
        for (var month = horizon.From; month <= horizon.To; month++)
        {
            months.Month(month);
        }

        (_days, _months) = (days.Written.ToArray(), months.Written.ToArray());
        for (var i = 0; i < _files.Length; i++)
        {
            _files[i] = files.Create(Names[i]);
            var header = segmented ? [.. "segment,"u8, .. Headers[i]] : Headers[i];
            RandomAccess.Write(_files[i], header, 0);
            _lengths[i] = header.Length;
        }
    }

    /// <summary>Writes a customer's movements of the horizon into a range's lines.</summary>
    public void Format(Range range, ReadOnlySpan<byte> segment, ReadOnlySpan<byte> customer, History history)
    {
        range.Begin(segment, customer);
        var instants = history[Grain.Instant];
        if (instants.IsEmpty)
        {
            return;
        }

        var first = Calendar.Start(_horizon.From);
        foreach (ref readonly var movement in instants)
        {
            if (movement.Period < first)
            {
                continue;
            }

            if (movement.Period >= _horizon.End)
            {
                break;
            }

            var sinceFirst = movement.Period - first;
            var day = sinceFirst / Calendar.Day;
            Line(
                range.Lines(Grain.Instant), range.Prefix, _days.AsSpan((int)day * DayLength, DayLength),
                sinceFirst - (day * Calendar.Day), movement, trueKind: null);
        }

        foreach (ref readonly var movement in history[Grain.Day])
        {
            var day = (int)movement.Period - _horizon.FirstDay;
            if (day >= 0 && day < _horizon.Days)
            {
                Line(range.Lines(Grain.Day), range.Prefix, _days.AsSpan(day * DayLength, DayLength), -1, movement, trueKind: null);
            }
        }

        foreach (ref readonly var movement in history[Grain.Month])
        {
            var month = (int)movement.Period - _horizon.From;
            if (month >= 0 && month < _horizon.Months)
            {
                Line(
                    range.Lines(Grain.Month), range.Prefix, _months.AsSpan(month * MonthLength, MonthLength), -1, movement,
                    Ledger.ByTrueHistory(movement, history.FirstPaidMonth));
            }
        }
    }

    /// <summary>Waits until all ranges before this one have their places, and writes it.</summary>
    /// <param name="range">The lines.</param>
    /// <param name="turn">Tells which range it is, from 0 without a gap, over all ranges of one <see cref="Turns"/>.</param>
    /// <param name="turns">What the ranges take turns by.</param>
    public void Write(Range range, int turn, Turns turns)
    {
        Span<long> places = stackalloc long[_files.Length];
        turns.Await(turn);
        for (var i = 0; i < _files.Length; i++)
        {
            places[i] = _lengths[i];
            _lengths[i] += range.Lines((Grain)i).Length;
        }

        turns.Pass();
        // A file has one writer at a time: threads that begin with different files wait less.
        for (var n = 0; n < _files.Length; n++)
        {
            var i = (turn + n) % _files.Length;
            RandomAccess.Write(_files[i], range.Lines((Grain)i).Written, places[i]);
        }

        range.Clear();
    }

    private static void Line(
        Lines lines, ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> period, long timeOfDay, in Movement movement, MovementKind? trueKind)
    {
        const int longest = 160;
        var room = lines.Room(prefix.Length + longest);
        prefix.CopyTo(room);
        var at = prefix.Length;
        period.CopyTo(room[at..]);
        at += period.Length;
        if (timeOfDay >= 0)
        {
            at += Digits.Time(room[at..], timeOfDay);
        }

        room[at++] = (byte)',';
        at += Digits.Money(room[at..], movement.Before);
        room[at++] = (byte)',';
        at += Digits.Money(room[at..], movement.After);
        room[at++] = (byte)',';
        at += Digits.Money(room[at..], movement.After - movement.Before);
        at += Category(room[at..], movement.Kind);
        if (trueKind is { } kind)
        {
            at += Category(room[at..], kind);
        }

        room[at] = (byte)'\n';
        lines.Advance(at + 1);
    }

    private static int Category(Span<byte> room, MovementKind kind)
    {
        room[0] = (byte)',';
        var name = Categories.Of(kind);
        name.CopyTo(room[1..]);
        return name.Length + 1;
    }

    /// <summary>Holds the lines of some customers until their turn.</summary>
    internal sealed class Range
    {
        private readonly Lines[] _lines = [new(), new(), new()];
        private readonly Lines _prefix = new(256);

        public ReadOnlySpan<byte> Prefix => _prefix.Written;

        public Lines Lines(Grain grain) => _lines[(int)grain];

        public void Begin(ReadOnlySpan<byte> segment, ReadOnlySpan<byte> customer)
        {
            _prefix.Clear();
            _prefix.Text(segment).Cell(customer).Comma();
        }

        public void Clear()
        {
            foreach (var lines in _lines)
            {
                lines.Clear();
            }
        }
    }

    /// <summary>Lets threads pass one after another by number.</summary>
    internal sealed class Turns
    {
        private readonly object _lock = new();
        private int _next;

        public void Await(int turn)
        {
            lock (_lock)
            {
                while (_next != turn)
                {
                    Monitor.Wait(_lock);
                }
            }
        }

        public void Pass()
        {
            lock (_lock)
            {
                _next++;
                Monitor.PulseAll(_lock);
            }
        }
    }
}
