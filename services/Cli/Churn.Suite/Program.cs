using Churn.Cli;
using Churn.Suite.Import;
using Churn.Suite.Metrics;

return await ChurnCommand.Read(ChurnCommand.Create(ImportCommand.Create(), MetricsCommand.Create()), args).InvokeAsync();
