using System.Security.Cryptography;
using System.Text;
using Churn.Access.V1;
using Churn.ServiceDefaults.Access;

namespace Churn.ServiceDefaults.Tests.Access;

public sealed class KeyTextTests
{
    [Fact]
    public void Create_Key_IsReadBackWithTheHashOfItsSecret()
    {
        var (id, text, hash) = KeyText.Create();
        Assert.Matches("^churn_[b-z2-9]{12}_[A-Za-z0-9_-]{43}$", text);
        Assert.Equal(62, text.Length);
        Assert.Equal((id, Convert.ToHexString(hash)), KeyText.Read(text) is var (readId, readHash) ? (readId, Convert.ToHexString(readHash)) : default);
        Assert.Equal(Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(text[19..]))), Convert.ToHexString(hash));
    }

    [Fact]
    public void Create_Keys_AreAllDifferent() =>
        Assert.Equal(1_000, Enumerable.Range(0, 1_000).Select(_ => KeyText.Create()).Select(key => (key.Id, Convert.ToHexString(key.Hash))).Distinct().Count());

    [Theory]
    [InlineData("")]
    [InlineData("churn_")]
    [InlineData("churn_bcdfghjkmnpq")]
    [InlineData("churn_bcdfghjkmnpq_short")]
    [InlineData("CHURN_bcdfghjkmnpq_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("churn_bcdfghjkmnpq-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("churn_aeiouaeiouae_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("churn_bcdfghjkmnpq_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Read_OtherText_IsNoKey(string text) => Assert.Null(KeyText.Read(text));

    [Fact]
    public void Scopes_Words_AreReadBack()
    {
        Assert.Equal(["ingest", "read", "playbooks", "notify", "admin", "internal"], ScopeSet.Words);
        foreach (var word in ScopeSet.Words)
        {
            Assert.Equal(word, ScopeSet.Parse(word)!.Value.ToString());
        }

        Assert.Equal("ingest,read", ScopeSet.Parse("read,ingest,read")!.Value.ToString());
        Assert.Null(ScopeSet.Parse(""));
        Assert.Null(ScopeSet.Parse("read,write"));
    }

    [Fact]
    public void Allows_Scopes_AreTheirOwnAndInternalIsAllButAdmin()
    {
        var all = ScopeSet.All.Scopes.ToList();
        foreach (var needed in all)
        {
            foreach (var has in all)
            {
                Assert.Equal(has == needed || (has == Scope.Internal && needed != Scope.Admin), ScopeSet.Of([has]).Allows(needed));
            }
        }

        Assert.False(ScopeSet.All.Allows(Scope.Unspecified));
    }
}
