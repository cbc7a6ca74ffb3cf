using Churn.Metrics.Books;
using Churn.Metrics.Domain;
using Churn.Metrics.Reads;

namespace Churn.Metrics.Owners;

/// <summary>Asks for the first so many movements in an order: those of a grain between two periods, or the net ones of a window.</summary>
/// <remarks>Each owner gives no more than are asked for of all, so that what is sent does not grow with the business.</remarks>
internal sealed class MovementsQuestion(Split split, int kinds) : Question<List<CustomerMovement>>
{
    public required Grain Grain { get; init; }

    /// <summary>Gives the first and the last period of the grain.</summary>
    public long From { get; init; } = long.MinValue;

    public long To { get; init; } = long.MaxValue;

    /// <summary>Gives the window over which changes are netted instead of a grain, which ends with the day of the read; or null.</summary>
    public WindowKind? Window { get; init; }

    /// <summary>Gives the movement after which those asked for come, or null for all.</summary>
    public CustomerMovement? After { get; init; }

    /// <summary>Tells whether the largest come first.</summary>
    public bool BySize { get; init; }

    public int Most { get; init; } = int.MaxValue;

    public static MovementsQuestion Of(V1.MovementsQuestion asked, Vocabulary vocabulary, string currency) => new(
        Split.FromWire(asked.Split, vocabulary, currency), asked.Kinds.Count == 0 ? Wire.AllKinds : asked.Kinds.Aggregate(0, (bits, kind) => bits | (1 << (int)kind.FromWire())))
    {
        Grain = (Grain)((int)asked.Grain - 1),
        From = asked.FromPeriod,
        To = asked.ToPeriod,
        Window = asked.Window == V1.Window.Unspecified ? null : (WindowKind)((int)asked.Window - 1),
        After = asked.After is null ? null : FromWire(asked.After),
        BySize = asked.Order == V1.MovementOrder.Size,
        Most = asked.Most == 0 ? int.MaxValue : asked.Most,
    };

    public override void Ask(V1.AskRequest request)
    {
        request.Movements = new V1.MovementsQuestion
        {
            Split = split.ToWire(),
            Grain = (V1.Grain)((int)Grain + 1),
            FromPeriod = From,
            ToPeriod = To,
            Window = Window is { } window ? (V1.Window)((int)window + 1) : V1.Window.Unspecified,
            After = After is { } after ? ToWire(after) : null,
            Order = BySize ? V1.MovementOrder.Size : V1.MovementOrder.Period,
            Most = Most == int.MaxValue ? 0 : Most,
        };
        if (kinds != Wire.AllKinds)
        {
            request.Movements.Kinds.AddRange(Enum.GetValues<MovementKind>().Where(kind => (kinds & (1 << (int)kind)) != 0).Select(kind => kind.ToWire()));
        }
    }

    public override List<CustomerMovement> Answer(OwnBooks books)
    {
        var order = books.Vocabulary.Plans.ByName;
        Window? window = Window is { } kind ? Domain.Window.At(kind, books.Read.Day) : null;
        return Merge(books.Scan(() => new MovementVisitor(split, kinds, order) { Grain = Grain, From = From, To = To, Window = window, After = After }).ConvertAll(v => v.Found));
    }

    public override List<CustomerMovement> Merge(List<List<CustomerMovement>> parts)
    {
        var all = parts.Count == 1 ? parts[0] : [.. parts.SelectMany(p => p)];
        all.Sort(BySize ? CustomerMovement.CompareBySize : CustomerMovement.Compare);
        if (all.Count > Most)
        {
            all.RemoveRange(Most, all.Count - Most);
        }

        return all;
    }

    public override void ToWire(List<CustomerMovement> answer, V1.AskResponse response, Vocabulary vocabulary) =>
        response.Movements = new V1.MovementsAnswer { Movements = { answer.Select(ToWire) } };

    public override List<CustomerMovement> FromWire(V1.AskResponse response, Vocabulary vocabulary, Read read) =>
        [.. response.Movements.Movements.Select(FromWire)];

    private static V1.LedgerMovement ToWire(CustomerMovement found) => new()
    {
        CustomerId = found.Customer,
        Period = found.Movement.Period,
        Before = found.Movement.Before,
        After = found.Movement.After,
        Kind = found.Movement.Kind.ToWire(),
    };

    private static CustomerMovement FromWire(V1.LedgerMovement wire) =>
        new(wire.CustomerId, new Movement(wire.Period, wire.Before, wire.After, wire.Kind.FromWire()));
}
