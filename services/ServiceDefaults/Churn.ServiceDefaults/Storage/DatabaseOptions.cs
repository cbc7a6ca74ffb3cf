using System.Reflection;

namespace Churn.ServiceDefaults.Storage;

/// <summary>Says what a database is for and what it may use.</summary>
public sealed record DatabaseOptions
{
    /// <summary>Names what the database holds, for example "facts": a file of another name is refused, and a schema of PostgreSQL has it.</summary>
    public required string Name { get; init; }

    /// <summary>Gives the scripts that make the schema of a file, oldest first; one is never changed once it was released.</summary>
    public required IReadOnlyList<string> Migrations { get; init; }

    /// <summary>Gives the assembly whose resources "postgres/0001-what.sql" make the schema of PostgreSQL.</summary>
    public Assembly? Scripts { get; init; }

    /// <summary>Gives how much of the file the writer may keep in memory, in bytes.</summary>
    public long WriterCache { get; init; } = 64L << 20;

    /// <summary>Gives how much of the file each reader may keep in memory, in bytes.</summary>
    public long ReaderCache { get; init; } = 8L << 20;

    /// <summary>Gives how many readers are kept open; more are opened while they are needed.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Gives up to which size a file is checked from end to end when it is opened, in bytes; a larger one by its header and length.</summary>
    public long WholeCheck { get; init; } = 64L << 20;
}
