namespace Churn.ServiceDefaults.Storage;

/// <summary>Writes the SQL of <see cref="Rows"/> that all databases share.</summary>
internal static class RowSql
{
    public static string Insert(Rows rows) => $"INSERT INTO {rows.Table} ({Names(rows)}) VALUES ({string.Join(", ", rows.Columns.Select((_, i) => $"?{i + 1}"))})";

    public static string Names(Rows rows) => string.Join(", ", rows.Columns.Select(column => column.Name));

    public static string OnConflict(Rows rows, int key) =>
        $"ON CONFLICT ({string.Join(", ", rows.Columns.Take(key).Select(column => column.Name))}) DO UPDATE SET {string.Join(", ", rows.Columns.Skip(key).Select(column => $"{column.Name} = excluded.{column.Name}"))}";
}
