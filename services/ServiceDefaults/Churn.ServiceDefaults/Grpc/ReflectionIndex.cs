using Google.Protobuf.Reflection;
using Google.Rpc;

namespace Churn.ServiceDefaults.Grpc;

/// <summary>Finds the file that declares a name, among the files of the mapped services, of error details, and all they import.</summary>
internal sealed class ReflectionIndex
{
    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FileDescriptor> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedDictionary<int, FileDescriptor>> _extensions = new(StringComparer.Ordinal);

    public ReflectionIndex(MappedServices services)
    {
        foreach (var service in services.Descriptors())
        {
            _services.Add(service.FullName);
            AddFile(service.File);
        }

        // No method mentions the details of errors, yet a tool needs their descriptors to show them.
        AddFile(ErrorDetailsReflection.Descriptor);
    }

    public IReadOnlyCollection<string> Services => _services;

    public FileDescriptor? File(string name) => _files.GetValueOrDefault(name);

    public FileDescriptor? FileOf(string symbol) => _symbols.GetValueOrDefault(symbol);

    public FileDescriptor? FileOfExtension(string type, int number) =>
        _extensions.TryGetValue(type, out var byNumber) ? byNumber.GetValueOrDefault(number) : null;

    public IReadOnlyCollection<int>? ExtensionNumbers(string type) =>
        !_symbols.ContainsKey(type) ? null : _extensions.TryGetValue(type, out var byNumber) ? byNumber.Keys : [];

    public static IEnumerable<FileDescriptor> WithImports(FileDescriptor file)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal) { file.Name };
        var queue = new Queue<FileDescriptor>([file]);
        while (queue.TryDequeue(out var next))
        {
            yield return next;
            foreach (var import in next.Dependencies.Where(import => seen.Add(import.Name)))
            {
                queue.Enqueue(import);
            }
        }
    }

    private void AddFile(FileDescriptor file)
    {
        if (!_files.TryAdd(file.Name, file))
        {
            return;
        }

        foreach (var message in file.MessageTypes)
        {
            AddMessage(message);
        }

        AddEnums(file.EnumTypes);
        AddExtensions(file.Extensions);
        foreach (var service in file.Services)
        {
            AddSymbol(service);
            foreach (var method in service.Methods)
            {
                AddSymbol(method);
            }
        }

        foreach (var import in file.Dependencies)
        {
            AddFile(import);
        }
    }

    private void AddMessage(MessageDescriptor message)
    {
        AddSymbol(message);
        foreach (var part in message.Fields.InDeclarationOrder().Concat<IDescriptor>(message.Oneofs))
        {
            AddSymbol(part);
        }

        foreach (var nested in message.NestedTypes)
        {
            AddMessage(nested);
        }

        AddEnums(message.EnumTypes);
        AddExtensions(message.Extensions);
    }

    private void AddEnums(IEnumerable<EnumDescriptor> enums)
    {
        foreach (var type in enums)
        {
            AddSymbol(type);

            // The names of enum values stand beside their enum, not inside it.
            var scope = type.FullName[..^type.Name.Length];
            foreach (var value in type.Values)
            {
                _symbols[scope + value.Name] = type.File;
            }
        }
    }

    private void AddExtensions(ExtensionCollection extensions)
    {
        foreach (var extension in extensions.UnorderedExtensions)
        {
            AddSymbol(extension);
            var type = extension.ExtendeeType.FullName;
            if (!_extensions.TryGetValue(type, out var byNumber))
            {
                _extensions[type] = byNumber = [];
            }

            byNumber[extension.FieldNumber] = extension.File;
        }
    }

    private void AddSymbol(IDescriptor symbol) => _symbols[symbol.FullName] = symbol.File;
}
