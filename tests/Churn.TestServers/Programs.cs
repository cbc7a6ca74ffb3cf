namespace Churn.TestServers;

/// <summary>Finds the servers' programs, which Debian's packages bring.</summary>
internal static class Programs
{
    // Debian keeps servers out of the path of a user.
    private static readonly string[] Folders =
        [.. (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries), "/usr/sbin", "/sbin"];

    /// <summary>Gives the path of a program, or null where there is none.</summary>
    public static string? Find(string name, params IEnumerable<string> before) =>
        before.Concat(Folders).Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>Gives why a test is skipped that needs a program, or null where it is there.</summary>
    public static string? Lacking(string? program, string name, string package) =>
        program is null ? $"{name} is not installed: apt-get install {package}" : null;
}
