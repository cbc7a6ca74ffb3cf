System.Console.WriteLine("churn");
