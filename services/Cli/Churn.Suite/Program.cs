using Churn.Cli;

return await ChurnCommand.Read(ChurnCommand.Create(), args).InvokeAsync();
