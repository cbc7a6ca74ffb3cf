using Churn.Metrics.Books;
using Churn.Metrics.Reads;

namespace Churn.Metrics.Owners;

/// <summary>Asks for nothing but the state, which comes with every answer.</summary>
internal sealed class StateQuestion : Question<bool>
{
    public static readonly StateQuestion Instance = new();

    public override void Ask(V1.AskRequest request) => request.State = new V1.StateQuestion();

    public override bool Answer(OwnBooks books) => true;

    public override bool Merge(List<bool> parts) => true;

    public override void ToWire(bool answer, V1.AskResponse response, Vocabulary vocabulary)
    {
        // The state is there.
    }

    public override bool FromWire(V1.AskResponse response, Vocabulary vocabulary, Read read) => true;
}
