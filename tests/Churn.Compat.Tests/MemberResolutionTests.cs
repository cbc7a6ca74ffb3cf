using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.CompilerServices;

namespace Churn.Compat.Tests;

/// <summary>
/// Resolves what an assembly refers to against what is loaded: a member that a stock assembly misses would otherwise show only
/// when the code that needs it runs.
/// </summary>
public class MemberResolutionTests
{
    private const BindingFlags Any =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.FlattenHierarchy;

    // What cannot be resolved, each with its reason. Nothing so far.
    private static readonly string[] Unresolvable = [];

    public static TheoryData<string> Referring => ["Grpc.Net.Client", "Grpc.AspNetCore.Server", "Grpc.Net.Common", "Churn.Protos"];

    [Theory]
    [MemberData(nameof(Referring))]
    public void TypesAndMembers_ThatAnAssemblyRefersTo_Resolve(string name)
    {
        var references = new References(Assembly.Load(name));
        var missing = references.MissingTypes().Concat(references.MissingMembers()).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(Unresolvable.Where(entry => entry.StartsWith(name, StringComparison.Ordinal)), missing);
        Assert.True(references.InStandIns > 10, $"{name} refers to only {references.InStandIns} types and members of the stand-ins.");
    }

    [Theory]
    [MemberData(nameof(Referring))]
    public void Types_OfAnAssemblyThatRefersToTheStandIns_Load(string name) => Assert.NotEmpty(Assembly.Load(name).GetTypes());

    [Theory]
    [InlineData("Grpc.Net.Client")]
    [InlineData("Grpc.AspNetCore.Server")]
    public void Identity_ThatTheStockAssembliesAskFor_IsThatOfTheLoadedOnes(string name)
    {
        var asked = Assembly.Load(name).GetReferencedAssemblies().Where(reference => References.IsStandIn(reference.Name)).ToList();
        Assert.NotEmpty(asked);
        Assert.Equal(asked.Select(reference => reference.FullName), asked.Select(reference => Assembly.Load(reference).FullName));
    }

    [Fact]
    public void MissingMembers_ReferenceThatIsNotThere_IsNamed()
    {
        // The check itself must be able to fail: against a type that lacks what the reference asks for.
        var references = new References(Assembly.Load("Churn.Protos"), type => type == typeof(Grpc.Core.CallOptions) ? typeof(object) : type);
        Assert.Contains(references.MissingMembers(), missing => missing.Contains("Grpc.Core.CallOptions::.ctor", StringComparison.Ordinal));
    }

    private sealed class References : ISignatureTypeProvider<References.Named, object?>
    {
        private readonly Assembly _assembly;
        private readonly Func<Type, Type> _replace;
        private readonly MetadataReader _reader;

        public References(Assembly assembly, Func<Type, Type>? replace = null)
        {
            _assembly = assembly;
            _replace = replace ?? (type => type);
            _reader = new PEReader(File.ReadAllBytes(assembly.Location).ToImmutableArray()).GetMetadataReader();
        }

        public int InStandIns { get; private set; }

        public static bool IsStandIn(string? assembly) => assembly is "Grpc.Core.Api" or "Grpc.Net.Common";

        public IEnumerable<string> MissingTypes()
        {
            foreach (var handle in _reader.TypeReferences)
            {
                var named = GetTypeFromReference(_reader, handle, 0);
                if (named.Type is null || !Accessible(named.Type))
                {
                    yield return $"{_assembly.GetName().Name}: {named.Name}";
                }

                Count(named.Type);
            }
        }

        public IEnumerable<string> MissingMembers()
        {
            foreach (var reference in _reader.MemberReferences.Select(_reader.GetMemberReference))
            {
                var name = _reader.GetString(reference.Name);
                var parent = Parent(reference.Parent);
                Count(parent.Type);

                // The runtime makes the members of arrays itself.
                if (parent.Type == typeof(Array))
                {
                    continue;
                }

                var signature = Signature(reference);
                if (parent.Type is null || !Candidates(_replace(parent.Type), name).Any(member => Accessible(member) && Signature(member) == signature))
                {
                    yield return $"{_assembly.GetName().Name}: {parent.Name}::{name} {signature}";
                }
            }
        }

        public Named GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var reference = reader.GetTypeReference(handle);
            var name = reader.GetString(reference.Name);
            switch (reference.ResolutionScope.Kind)
            {
                case HandleKind.TypeReference:
                    var outer = GetTypeFromReference(reader, (TypeReferenceHandle)reference.ResolutionScope, 0);
                    return new Named($"{outer.Name}+{name}", outer.Type?.GetNestedType(name, BindingFlags.Public | BindingFlags.NonPublic));
                case HandleKind.AssemblyReference:
                    var full = $"{reader.GetString(reference.Namespace)}.{name}";
                    var assembly = reader.GetAssemblyReference((AssemblyReferenceHandle)reference.ResolutionScope);
                    return new Named(full, Assembly.Load(reader.GetString(assembly.Name)).GetType(full));
                default:
                    throw new NotSupportedException($"{name} is in a {reference.ResolutionScope.Kind}.");
            }
        }

        public Named GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = _assembly.ManifestModule.ResolveType(System.Reflection.Metadata.Ecma335.MetadataTokens.GetToken(handle));
            return new Named(type.FullName!, type);
        }

        public Named GetTypeFromSpecification(MetadataReader reader, object? context, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, context);

        public Named GetPrimitiveType(PrimitiveTypeCode code) => new($"System.{code}", Type.GetType($"System.{code}"));

        public Named GetGenericInstantiation(Named type, ImmutableArray<Named> arguments) =>
            type with { Name = $"{type.Name}<{string.Join(',', arguments.Select(argument => argument.Name))}>" };

        public Named GetGenericTypeParameter(object? context, int index) => new($"!{index}", null);

        public Named GetGenericMethodParameter(object? context, int index) => new($"!!{index}", null);

        public Named GetArrayType(Named element, ArrayShape shape) => new($"{element.Name}[{new string(',', shape.Rank - 1)}]", typeof(Array));

        public Named GetSZArrayType(Named element) => new($"{element.Name}[]", typeof(Array));

        public Named GetByReferenceType(Named element) => new($"{element.Name}&", null);

        public Named GetPointerType(Named element) => new($"{element.Name}*", null);

        public Named GetPinnedType(Named element) => element;

        public Named GetModifiedType(Named modifier, Named unmodified, bool isRequired) => unmodified;

        public Named GetFunctionPointerType(MethodSignature<Named> signature) => throw new NotSupportedException("A function pointer.");

        private static IEnumerable<MemberInfo> Candidates(Type type, string name) => name == ".ctor"
            ? type.GetConstructors(Any)
            : type.GetMember(name, MemberTypes.Method | MemberTypes.Field, Any);

        private static string Signature(MemberInfo member) => member switch
        {
            FieldInfo field => Name(field.FieldType),
            ConstructorInfo constructor => Signature(isStatic: false, 0, "System.Void", constructor.GetParameters().Select(p => Name(p.ParameterType))),
            MethodInfo method => Signature(
                method.IsStatic,
                method.GetGenericArguments().Length,
                Name(method.ReturnType),
                method.GetParameters().Select(p => Name(p.ParameterType))),
            _ => throw new NotSupportedException($"{member.MemberType}"),
        };

        private static string Signature(bool isStatic, int arity, string returns, IEnumerable<string> parameters) =>
            $"{(isStatic ? "static " : "")}{returns} `{arity}({string.Join(',', parameters)})";

        private static string Name(Type type) => type switch
        {
            { IsByRef: true } => $"{Name(type.GetElementType()!)}&",
            { IsPointer: true } => $"{Name(type.GetElementType()!)}*",
            { IsArray: true } => $"{Name(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]",
            { IsGenericMethodParameter: true } => $"!!{type.GenericParameterPosition}",
            { IsGenericTypeParameter: true } => $"!{type.GenericParameterPosition}",
            { IsGenericType: true } => $"{type.GetGenericTypeDefinition().FullName}<{string.Join(',', type.GetGenericArguments().Select(Name))}>",
            _ => type.FullName!,
        };

        private string Signature(MemberReference reference)
        {
            if (reference.GetKind() == MemberReferenceKind.Field)
            {
                return reference.DecodeFieldSignature(this, null).Name;
            }

            var signature = reference.DecodeMethodSignature(this, null);
            return Signature(
                !signature.Header.IsInstance,
                signature.GenericParameterCount,
                signature.ReturnType.Name,
                signature.ParameterTypes.Select(parameter => parameter.Name));
        }

        private Named Parent(EntityHandle parent) => parent.Kind switch
        {
            HandleKind.TypeReference => GetTypeFromReference(_reader, (TypeReferenceHandle)parent, 0),
            HandleKind.TypeDefinition => GetTypeFromDefinition(_reader, (TypeDefinitionHandle)parent, 0),
            HandleKind.TypeSpecification => GetTypeFromSpecification(_reader, null, (TypeSpecificationHandle)parent, 0),
            _ => throw new NotSupportedException($"A member of a {parent.Kind}."),
        };

        private void Count(Type? type)
        {
            if (type is not null && IsStandIn(type.Assembly.GetName().Name))
            {
                InStandIns++;
            }
        }

        private bool Accessible(Type type) => type.IsVisible || type.IsNestedFamily || type.IsNestedFamORAssem || Internals(type.Assembly);

        private bool Accessible(MemberInfo member) => member switch
        {
            MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly || Internals(method.Module.Assembly),
            FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly || Internals(field.Module.Assembly),
            _ => false,
        };

        private bool Internals(Assembly of) => of == _assembly || of.GetCustomAttributes<InternalsVisibleToAttribute>()
            .Any(friend => new AssemblyName(friend.AssemblyName).Name == _assembly.GetName().Name);

        internal sealed record Named(string Name, Type? Type);
    }
}
