using Churn.Cli;

return ChurnCommand.Read(ChurnCommand.Create(), args).Invoke();
