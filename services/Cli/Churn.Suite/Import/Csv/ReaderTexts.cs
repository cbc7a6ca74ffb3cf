using Churn.Cli.Report.Input;

namespace Churn.Suite.Import.Csv;

/// <summary>Gives the names of one reader as texts, each made once.</summary>
internal sealed class ReaderTexts
{
    private readonly RowReader _reader;
    private readonly string?[] _plans;
    private readonly string?[] _currencies;
    private readonly string?[][] _attributes;
    private string _customer = "";
    private int _customerNumber = -1;

    public ReaderTexts(RowReader reader, AttributeColumns attributes)
    {
        (_reader, Attributes) = (reader, attributes);
        _plans = new string?[reader.Plans.Count];
        _currencies = new string?[reader.Particulars.Currencies.Count];
        _attributes = [.. reader.Particulars.Attributes.Select(names => new string?[names.Count])];
    }

    public AttributeColumns Attributes { get; }

    public Layout Layout => _reader.Particulars.Layout;

    public bool HasIds => Layout.Subscription >= 0;

    // A customer's rows mostly stand together, and customers are many.
    public string Customer(int number)
    {
        if (number != _customerNumber)
        {
            (_customer, _customerNumber) = (_reader.Customers.Text(number), number);
        }

        return _customer;
    }

    public string Plan(int number) => _plans[number] ??= _reader.Plans.Text(number);

    public string Currency(RowBlock block, int row) => Of(_reader.Particulars.Currencies, _currencies, Particulars(block, row)[1]);

    public string Subscription(RowBlock block, int row) => _reader.Particulars.Ids.Text(Particulars(block, row)[0]);

    public string Attribute(RowBlock block, int row, AttributeColumns.Column column) => Of(
        _reader.Particulars.Attributes[column.Place], _attributes[column.Place], Particulars(block, row)[RowParticulars.FirstAttribute + column.Place]);

    private Span<int> Particulars(RowBlock block, int row) => _reader.Particulars.Of(block, row);

    private static string Of(Names names, string?[] texts, int number) => texts[number] ??= names.Text(number);
}
