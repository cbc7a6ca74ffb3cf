using Churn.Cli;
using Churn.Suite.Metrics;

return await ChurnCommand.Read(ChurnCommand.Create(MetricsCommand.Create()), args).InvokeAsync();
