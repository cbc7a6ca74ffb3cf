using System.Security.Cryptography;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Churn.Notifications.Taking;

/// <summary>Makes the hash by which two requests with one key are the same: the order of variables, and when they were asked for, do not matter.</summary>
internal static class ContentHash
{
    public static byte[] Of(V1.SendRequest request)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var rest = request.Clone();
        rest.Variables = null;
        rest.RequestTime = null;
        Append(hash, 'r', rest.ToByteArray());
        if (request.Variables is not null)
        {
            Append(hash, Value.ForStruct(request.Variables));
        }

        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, Value value)
    {
        switch (value.KindCase)
        {
            case Value.KindOneofCase.StructValue:
                Append(hash, '{', BitConverter.GetBytes(value.StructValue.Fields.Count));
                foreach (var (name, field) in value.StructValue.Fields.OrderBy(field => field.Key, StringComparer.Ordinal))
                {
                    Append(hash, 'k', System.Text.Encoding.UTF8.GetBytes(name));
                    Append(hash, field);
                }

                break;
            case Value.KindOneofCase.ListValue:
                Append(hash, '[', BitConverter.GetBytes(value.ListValue.Values.Count));
                foreach (var item in value.ListValue.Values)
                {
                    Append(hash, item);
                }

                break;
            default:
                Append(hash, 'v', value.ToByteArray());
                break;
        }
    }

    private static void Append(IncrementalHash hash, char kind, byte[] bytes)
    {
        hash.AppendData([(byte)kind, .. BitConverter.GetBytes(bytes.Length)]);
        hash.AppendData(bytes);
    }
}
