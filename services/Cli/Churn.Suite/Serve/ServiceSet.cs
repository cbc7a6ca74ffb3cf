namespace Churn.Suite.Serve;

/// <summary>Names the services that a process runs.</summary>
[Flags]
internal enum ServiceSet
{
    None = 0,
    Ingestion = 1,
    Metrics = 2,
    Playbooks = 4,
    Notifications = 8,
    All = Ingestion | Metrics | Playbooks | Notifications,
}
