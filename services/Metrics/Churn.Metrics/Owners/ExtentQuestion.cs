using Churn.Metrics.Books;
using Churn.Metrics.Reads;

namespace Churn.Metrics.Owners;

/// <summary>Asks for the first start of all, and for the number of customers.</summary>
internal sealed class ExtentQuestion : Question<(long FirstStart, long Customers)>
{
    public static readonly ExtentQuestion Instance = new();

    public override void Ask(V1.AskRequest request) => request.Extent = new V1.ExtentQuestion();

    public override (long FirstStart, long Customers) Answer(OwnBooks books) =>
        Merge(books.Scan(() => new ExtentVisitor()).ConvertAll(v => (v.FirstStart, v.Customers)));

    public override (long FirstStart, long Customers) Merge(List<(long FirstStart, long Customers)> parts) =>
        (parts.Min(p => p.FirstStart), parts.Sum(p => p.Customers));

    public override void ToWire((long FirstStart, long Customers) answer, V1.AskResponse response, Vocabulary vocabulary) =>
        response.Extent = new V1.ExtentAnswer { FirstStart = answer.FirstStart, Customers = answer.Customers };

    public override (long FirstStart, long Customers) FromWire(V1.AskResponse response, Vocabulary vocabulary, Read read) =>
        (response.Extent.FirstStart, response.Extent.Customers);
}
