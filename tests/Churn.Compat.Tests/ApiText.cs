using System.Globalization;
using System.Reflection;
using System.Text;

namespace Churn.Compat.Tests;

/// <summary>What another assembly can compile against, as sorted lines: types, members, defaults, constraints, nullability.</summary>
internal sealed class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly NullabilityInfoContext _nullability = new();

    public static string Of(Assembly assembly)
    {
        var text = new ApiText();
        var lines = new StringBuilder();
        foreach (var type in assembly.GetForwardedTypes().OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            lines.Append("forward ").Append(type.FullName).Append('\n');
        }

        foreach (var type in assembly.GetTypes().Where(Visible).OrderBy(t => t.FullName, StringComparer.Ordinal))
        {
            lines.Append(text.Declaration(type)).Append('\n');
            if (typeof(Delegate).IsAssignableFrom(type))
            {
                continue;
            }

            foreach (var member in text.Members(type).Order(StringComparer.Ordinal))
            {
                lines.Append("    ").Append(member).Append('\n');
            }
        }

        return lines.ToString();
    }

    private static bool Visible(Type type) =>
        type.IsPublic || ((type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && Visible(type.DeclaringType!));

    private static bool Visible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true } or { IsFamilyOrAssembly: true };

    private static string Access(MethodBase method) => method.IsPublic ? "public" : "protected";

    private string Declaration(Type type)
    {
        var access = type.IsPublic || type.IsNestedPublic ? "public" : "protected";
        var obsolete = type.IsDefined(typeof(ObsoleteAttribute)) ? "[obsolete] " : "";
        var constraints = Constraints(type.GetGenericArguments());
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            var invoke = type.GetMethod("Invoke")!;
            return $"{obsolete}{access} delegate {Name(invoke.ReturnParameter)} {Name(type)}({Parameters(invoke)}){constraints}";
        }

        var kind = type switch
        {
            { IsEnum: true } => type.IsDefined(typeof(FlagsAttribute)) ? "flags enum" : "enum",
            { IsValueType: true } => type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute)) ? "readonly struct" : "struct",
            { IsInterface: true } => "interface",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = type.IsEnum
            ? [Name(Enum.GetUnderlyingType(type))]
            : new[] { type.BaseType }.Where(b => b is not null && b != typeof(object) && b != typeof(ValueType)).Select(b => Name(b!))
                .Concat(type.GetInterfaces().Select(Name).Order(StringComparer.Ordinal)).ToList();
        return $"{obsolete}{access} {kind} {Name(type)}{(bases.Count > 0 ? " : " + string.Join(", ", bases) : "")}{constraints}";
    }

    private IEnumerable<string> Members(Type type)
    {
        foreach (var member in type.GetMembers(Declared))
        {
            var text = member switch
            {
                FieldInfo f when f.IsPublic || f.IsFamily || f.IsFamilyOrAssembly => Field(f),
                ConstructorInfo c when Visible(c) => $"{Access(c)} new({Parameters(c)})",
                PropertyInfo p => Property(p),
                EventInfo e when Visible(e.AddMethod) => $"event {Name(e.EventHandlerType!)} {e.Name}",
                MethodInfo { IsSpecialName: false } m when Visible(m) && m.GetBaseDefinition() == m => Method(m),
                _ => null,
            };
            if (text is not null)
            {
                yield return member.IsDefined(typeof(ObsoleteAttribute)) ? $"[obsolete] {text}" : text;
            }
        }
    }

    private string? Field(FieldInfo field)
    {
        if (field.IsSpecialName)
        {
            return null;
        }

        var access = field.IsPublic ? "public" : "protected";
        if (field.IsLiteral)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{access} const {Name(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}");
        }

        return $"{access} {(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{Name(_nullability.Create(field), field.FieldType)} {field.Name}";
    }

    private string? Property(PropertyInfo property)
    {
        var accessors = new[] { property.GetMethod, property.SetMethod }.OfType<MethodInfo>().Where(Visible).ToList();
        if (accessors.Count == 0 || accessors[0].GetBaseDefinition() != accessors[0])
        {
            return null;
        }

        var index = property.GetIndexParameters() is { Length: > 0 } ? $"[{Parameters(accessors[0])}]" : "";
        var gets = string.Concat(accessors.Select(a => $" {(a.IsPublic ? "" : "protected ")}{(a == property.GetMethod ? "get" : "set")};"));
        return $"{Access(accessors[0])} {Modifiers(accessors[0])}{Name(_nullability.Create(property), property.PropertyType)} {property.Name}{index} {{{gets} }}";
    }

    private string Method(MethodInfo method) =>
        $"{Access(method)} {Modifiers(method)}{(method.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute)) ? "extension " : "")}"
        + $"{Name(method.ReturnParameter)} {method.Name}{Generic(method.GetGenericArguments())}({Parameters(method)}){Constraints(method.GetGenericArguments())}";

    private static string Modifiers(MethodInfo method) => method switch
    {
        { DeclaringType.IsInterface: true } => method.IsAbstract ? "" : "default ",
        { IsStatic: true } => "static ",
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } => "virtual ",
        _ => "",
    };

    private string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(p =>
        $"{(p.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "")}{Name(p)} {p.Name}{(p.HasDefaultValue ? $" = {p.RawDefaultValue ?? "default"}" : "")}"));

    private string Name(ParameterInfo parameter) => Name(_nullability.Create(parameter), parameter.ParameterType);

    private static string Name(NullabilityInfo info, Type type)
    {
        var text = type switch
        {
            { IsArray: true } when info.ElementType is { } element => $"{Name(element, element.Type)}[]",
            { IsConstructedGenericType: true } when Nullable.GetUnderlyingType(type) is null =>
                $"{Simple(type)}<{string.Join(", ", info.GenericTypeArguments.Select(a => Name(a, a.Type)))}>",
            _ => Name(type),
        };
        return !type.IsValueType && info.ReadState == NullabilityState.Nullable ? text + "?" : text;
    }

    private static string Name(Type type) => type switch
    {
        { IsGenericParameter: true } => type.Name,
        { IsArray: true } => $"{Name(type.GetElementType()!)}[]",
        { IsByRef: true } => $"ref {Name(type.GetElementType()!)}",
        _ when Nullable.GetUnderlyingType(type) is { } value => $"{Name(value)}?",
        _ => Simple(type) + Generic(type.GetGenericArguments()),
    };

    private static string Simple(Type type)
    {
        var name = (type.IsNested ? $"{Simple(type.DeclaringType!)}.{type.Name}" : $"{type.Namespace}.{type.Name}");
        return string.Join('.', name.Split('.').Select(part => part.Split('`')[0]));
    }

    private static string Generic(Type[] arguments) => arguments.Length == 0 ? "" : $"<{string.Join(", ", arguments.Select(Variance))}>";

    private static string Variance(Type argument) => !argument.IsGenericParameter
        ? Name(argument)
        : (argument.GenericParameterAttributes & GenericParameterAttributes.VarianceMask) switch
        {
            GenericParameterAttributes.Covariant => $"out {argument.Name}",
            GenericParameterAttributes.Contravariant => $"in {argument.Name}",
            _ => argument.Name,
        };

    private static string Constraints(Type[] arguments)
    {
        var all = new StringBuilder();
        foreach (var argument in arguments.Where(a => a.IsGenericParameter))
        {
            var parts = argument.GetGenericParameterConstraints().Select(Name).ToList();
            if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
            {
                parts.Insert(0, "class");
            }

            if (argument.GenericParameterAttributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
            {
                parts.Add("new()");
            }

            if (parts.Count > 0)
            {
                all.Append(CultureInfo.InvariantCulture, $" where {argument.Name} : {string.Join(", ", parts)}");
            }
        }

        return all.ToString();
    }
}
