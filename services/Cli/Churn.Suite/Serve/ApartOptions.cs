using System.CommandLine;
using Churn.Cli;
using Churn.ServiceDefaults.Bus;

namespace Churn.Suite.Serve;

/// <summary>Makes the options of services that run apart, each of which a variable can say too.</summary>
internal sealed class ApartOptions
{
    private static readonly ServiceSet[] Services = [ServiceSet.Ingestion, ServiceSet.Metrics, ServiceSet.Playbooks, ServiceSet.Notifications];

    private readonly Option<string> _services = TypedOption.Text("--services", "NAMES", "What runs here: ingestion,metrics,playbooks,notifications or some of them [default: all]");
    private readonly Option<string> _rabbit = TypedOption.Text("--rabbitmq", "URL", "The RabbitMQ that carries news between processes");
    private readonly Option<string> _redis = TypedOption.Text("--redis", "HOSTS", "The Redis that keeps the sums of rolling windows, as host:port,... with options of StackExchange.Redis");
    private readonly Option<string> _advertise = TypedOption.Text("--advertise", "URL", "Where other processes reach this one [default: what --listen says]");
    private readonly Option<string> _webhooks = TypedOption.Text("--webhook-secret", "SECRET", "What webhooks are signed with, whsec_... [default: one of its own in the data folder]");
    private readonly Option<string>[] _peers = Array.ConvertAll(
        Services, service => TypedOption.Text($"--{NameOf(service)}", "URL", $"Where {NameOf(service)} is, when it does not run here"));

    private readonly PostgresArguments _postgres = new();

    public void AddTo(Command command)
    {
        command.Add(_services);
        _postgres.AddTo(command);
        command.Add(_rabbit);
        command.Add(_redis);
        foreach (var peer in _peers)
        {
            command.Add(peer);
        }

        command.Add(_advertise);
        command.Add(_webhooks);
    }

    /// <summary>Reads them.</summary>
    /// <exception cref="ServeException">One is wrong, or they contradict each other.</exception>
    public SuiteOptions Read(ParseResult parsed, Func<string, string?> variables)
    {
        var services = ServicesOf(Value(_services));
        var postgres = _postgres.Read(parsed, variables);
        if (services != ServiceSet.All && postgres is null)
        {
            throw new ServeException("services that run apart share a PostgreSQL: name it with --postgres or CHURN_POSTGRES");
        }

        var rabbit = Value(_rabbit);
        if (services != ServiceSet.All && rabbit is null)
        {
            throw new ServeException("services that run apart hear of each other by RabbitMQ: name it with --rabbitmq or CHURN_RABBITMQ");
        }

        return new SuiteOptions
        {
            Services = services,
            Postgres = postgres,
            RabbitMq = rabbit is null ? null : RabbitOf(rabbit),
            Redis = Value(_redis),
            Advertise = AddressOf(_advertise),
            WebhookSecret = Value(_webhooks),
            Peers = Enumerable.Range(0, Services.Length).Select(i => (Services[i], AddressOf(_peers[i]))).Where(p => p.Item2 is not null).ToDictionary(p => p.Item1, p => p.Item2!),
        };

        string? Value(Option<string> option) => Variables.Of(parsed, option, variables);

        RabbitMqOptions RabbitOf(string text)
        {
            try
            {
                return RabbitMqOptions.Parse(text);
            }
            catch (FormatException e)
            {
                throw new ServeException($"{Variables.Said(parsed, _rabbit)}: {e.Message}", e);
            }
        }

        Uri? AddressOf(Option<string> option) => Value(option) is not { } text ? null
            : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" or "dns" ? address
            : throw new ServeException($"{Variables.Said(parsed, option)} takes an address such as http://metrics:8080 or dns:///metrics:8080, not '{text}'");

        ServiceSet ServicesOf(string? text) => text is null ? ServiceSet.All : text.Split(',', StringSplitOptions.TrimEntries).Aggregate(
            ServiceSet.None,
            (all, name) => all | (Array.Find(Services, s => NameOf(s) == name) is var service and not ServiceSet.None
                ? service
                : throw new ServeException($"{Variables.Said(parsed, _services)} takes names of {string.Join(", ", Services.Select(NameOf))}, not '{name}'")));
    }

    private static string NameOf(ServiceSet service) => service.ToString().ToLowerInvariant();
}
