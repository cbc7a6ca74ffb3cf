using System.IO.Hashing;
using System.Text;
using Churn.ServiceDefaults.Storage;
using Churn.ServiceDefaults.Streams;
using FsCheck.Fluent;

namespace Churn.ServiceDefaults.Tests.Streams;

public sealed class StreamLogTests : IDisposable
{
    private readonly LogFile _file = new();

    public void Dispose() => _file.Dispose();

    [Fact]
    public async Task Add_Committed_IsReadInOrder()
    {
        _file.Append((3, "t", "a"), (3, "t", "b"), (5, "t", "c"));
        _file.Append((3, "t", "d"));
        var page = await _file.Log.ReadAsync(3, 0, int.MaxValue, Ct);
        Assert.Equal([(1L, 2L, 2), (3L, 3L, 1)], page.Chunks.Select(chunk => (chunk.FirstOffset, chunk.LastOffset, chunk.Count)));
        Assert.Equal(["a", "b", "d"], Texts(page));
        Assert.Equal(["c"], Texts(await _file.Log.ReadAsync(5, 0, int.MaxValue, Ct)));
        Assert.Equal(3, page.Head.Offset);
        Assert.Equal(page.Chunks[^1].Hash, page.Head.Hash);
    }

    [Fact]
    public void NextOffset_BeforeAndAfterAdd_IsWhatTheRecordGets()
    {
        _file.Append((3, "t", "a"));
        _file.Database.Write(connection =>
        {
            var append = _file.Log.Append(connection);
            Assert.Equal(2, append.NextOffset(3));
            Assert.Equal(2, append.NextOffset(3));
            Assert.Equal(2, append.Add(3, "t", "b"u8));
            Assert.Equal(3, append.NextOffset(3));
            Assert.Equal(1, append.NextOffset(4));
            Assert.Equal([(3, 2L)], append.Complete().Select(head => (head.Shard, head.Offset)));
        });
        Assert.Equal(2, _file.Log.Head(3).Offset);
        Assert.Equal(0, _file.Log.Head(4).Offset);
    }

    [Fact]
    public void Append_RolledBack_HasNotHappened()
    {
        _file.Append((3, "t", "a"));
        var before = _file.Log.Head(3);
        Assert.Throws<InvalidTimeZoneException>(() => _file.Database.Write(connection =>
        {
            var append = _file.Log.Append(connection);
            append.Add(3, "t", "lost"u8);
            append.Complete();
            Assert.Equal(before.Offset, _file.Log.Head(3).Offset);
            throw new InvalidTimeZoneException();
        }));
        Assert.Equal(before.Hash, _file.Log.Head(3).Hash);
        _file.Append((3, "t", "b"));
        Assert.Equal(["a", "b"], _file.All(3));
        _file.Reopen();
        Assert.Equal(["a", "b"], _file.All(3));
    }

    [Fact]
    public void Append_NotCompleted_IsNotCommitted()
    {
        Assert.Throws<InvalidOperationException>(() => _file.Database.Write(connection => { _file.Log.Append(connection).Add(3, "t", "a"u8); }));
        Assert.Equal(0, _file.Log.Head(3).Offset);
        _file.Database.Write(connection => { _file.Log.Append(connection); });
        _file.Append((3, "t", "b"));
        Assert.Equal(["b"], _file.All(3));
    }

    [Fact]
    public void Append_TwiceInATransaction_IsRefused() => Assert.Throws<InvalidOperationException>(() => _file.Database.Write(connection =>
    {
        _file.Log.Append(connection);
        _file.Log.Append(connection);
    }));

    [Fact]
    public async Task Add_TenantsInTurn_KeepsTheOrder()
    {
        _file.Append((3, "t", "a"), (3, "u", "b"), (3, "u", "c"), (3, "t", "d"));
        var page = await _file.Log.ReadAsync(3, 0, int.MaxValue, Ct);
        Assert.Equal([("t", 1L), ("u", 3L), ("t", 4L)], page.Chunks.Select(chunk => (chunk.Tenant, chunk.LastOffset)));
        Assert.Equal(["a", "b", "c", "d"], Texts(page));
    }

    [Fact]
    public async Task Add_ManyBytes_AreSeveralChunks()
    {
        var record = new byte[30_000];
        _file.Database.Write(connection =>
        {
            var append = _file.Log.Append(connection);
            for (var i = 0; i < 30; i++)
            {
                append.Add(3, "t", record);
            }

            append.Complete();
        });
        var page = await _file.Log.ReadAsync(3, 0, int.MaxValue, Ct);
        Assert.Equal(15, page.Chunks.Count);
        Assert.Equal(30, page.Chunks.Sum(chunk => chunk.Read().Count(read => read.Length == record.Length)));
        Assert.Single((await _file.Log.ReadAsync(3, 0, 1, Ct)).Chunks);
        Assert.Equal(3, (await _file.Log.ReadAsync(3, 0, 130_000, Ct)).Chunks.Count);
    }

    [Fact]
    public async Task ReadAsync_AfterTheEnd_HasNothing()
    {
        Assert.Empty((await _file.Log.ReadAsync(3, 0, int.MaxValue, Ct)).Chunks);
        _file.Append((3, "t", "a"));
        Assert.Empty((await _file.Log.ReadAsync(3, 1, int.MaxValue, Ct)).Chunks);
    }

    [Fact]
    public void ReadAsync_CommittedButNotInTheHead_IsLeftForTheNextPage()
    {
        _file.Append((3, "t", "a"));
        StreamPage? page = null;
        _file.Database.Write(connection =>
        {
            connection.WhenEnded(_ => page = _file.Log.ReadAsync(3, 0, int.MaxValue, Ct).AsTask().GetAwaiter().GetResult());
            var append = _file.Log.Append(connection);
            append.Add(3, "t", "b"u8);
            append.Complete();
        });
        Assert.Equal((1L, 1L), (page!.Head.Offset, page.Chunks[^1].LastOffset));
        Assert.Equal(["a", "b"], _file.All(3));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public async Task ReadAsync_AfterWhatIsNoEnd_SaysThatTheLogWasRolledBack(long after)
    {
        _file.Append((3, "t", "a"), (3, "t", "b"));
        _file.Append((3, "t", "c"), (3, "t", "d"), (3, "t", "e"));
        var exception = await Assert.ThrowsAsync<StreamRolledBackException>(async () => await _file.Log.ReadAsync(3, after, int.MaxValue, Ct));
        Assert.Equal(3, exception.Shard);
    }

    [Fact]
    public void Find_EachOffset_IsTheChunkAroundIt()
    {
        _file.Append((3, "t", "a"), (3, "u", "b"), (3, "u", "c"));
        _file.Append((3, "t", "d"));
        Assert.Equal([1L, 3L, 3L, 4L], Enumerable.Range(1, 4).Select(offset => _file.Log.Find(3, offset)!.LastOffset));
        Assert.Null(_file.Log.Find(3, 0));
        Assert.Null(_file.Log.Find(3, 5));
    }

    [Fact]
    public void FindRecord_EachOffset_IsThatRecord()
    {
        _file.Append((3, "t", "a"), (3, "u", "b"), (3, "u", ""));
        _file.Append((3, "t", "d"));
        Assert.Equal(["a", "b", "", "d"], Enumerable.Range(1, 4).Select(offset => Encoding.UTF8.GetString(_file.Log.FindRecord(3, offset)!.Bytes.Span)));
        Assert.Equal((3, 2L, "u"), _file.Log.FindRecord(3, 2) is { } record ? (record.Shard, record.Offset, record.Tenant) : default);
        Assert.Null(_file.Log.FindRecord(3, 0));
        Assert.Null(_file.Log.FindRecord(3, 5));
        Assert.Null(_file.Log.FindRecord(4, 1));
    }

    [Fact]
    public void RecordTime_ClockStandsOrGoesBack_StillGrows()
    {
        _file.Append((3, "t", "a"));
        _file.Append((3, "t", "b"));
        _file.Reopen();
        _file.Clock.AdjustTime(_file.Clock.GetUtcNow() - TimeSpan.FromDays(1));
        _file.Append((4, "t", "c"));
        var times = new[] { _file.Log.FindRecord(3, 1)!, _file.Log.FindRecord(3, 2)!, _file.Log.FindRecord(4, 1)! }.Select(record => record.RecordTime).ToList();
        Assert.Equal(times.Order().Distinct(), times);
    }

    [Fact]
    public void ClosedTime_WhileAppending_DoesNotPassItsRecordTime()
    {
        _file.Append((3, "t", "a"));
        _file.Database.Write(connection =>
        {
            var append = _file.Log.Append(connection);
            _file.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.All(_file.Log.Heads(), head => Assert.InRange(head.ClosedTime, 1, append.RecordTime - 1));
            append.Add(3, "t", "b"u8);
            append.Complete();
        });
        _file.Clock.Advance(TimeSpan.FromSeconds(1));
        var closed = _file.Log.Head(4).ClosedTime;
        Assert.Equal((_file.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / 10, closed);
        _file.Append((4, "t", "c"));
        Assert.True(_file.Log.FindRecord(4, 1)!.RecordTime > closed);
    }

    [Fact]
    public void WhenAdvanced_Commits_HearsTheHeadsInOrder()
    {
        var heard = new List<(int, long)>();
        _file.Log.WhenAdvanced(heads => heard.AddRange(heads.Select(head => (head.Shard, head.Offset))));
        _file.Append((3, "t", "a"), (5, "t", "b"));
        _file.Append((3, "t", "c"), (3, "t", "d"));
        Assert.Equal([(3, 1L), (5, 1L), (3, 3L)], heard);
    }

    [Fact]
    public void Open_EndIsNotWhatItSays_IsRefused()
    {
        _file.Append((3, "t", "a"));
        _file.Append((3, "t", "b"));
        _file.Database.Write(connection => connection.Execute("DELETE FROM things_log WHERE last_offset = 2"));
        Assert.Contains("is damaged", Assert.Throws<StorageException>(_file.Reopen).Message, StringComparison.Ordinal);
    }

    // Two installations must agree on the hash of a log, and one with itself after an upgrade.
    [Fact]
    public void ChunkHash_Golden_NeverChanges()
    {
        var first = ChunkHash.Next(UInt128.Zero, 2, 2, 1_700_000_000_000_000, "default", [1, 65, 1, 66]);
        Assert.Equal("dfbe4e48823493a98c376513eaa0336d", first.ToString("x32", null));
        Assert.Equal("5dc3cb15548d18a645cc5918359298c0", ChunkHash.Next(first, 3, 1, 1_700_000_000_000_001, "", []).ToString("x32", null));
        byte[] written = [.. new byte[16], .. new byte[7], 2, 0, 0, 0, 2, 0x00, 0x06, 0x0A, 0x24, 0x18, 0x1E, 0x40, 0x00, 0, 0, 0, 7, .. "default"u8, 1, 65, 1, 66];
        Assert.Equal(XxHash128.HashToUInt128(written), first);
    }

    [Fact]
    public void Law_AnyAppendsReadAnyWay_AreInOrderWithoutHoles()
    {
        var appends = Gen.Choose(0, 3).SelectMany(shard => Gen.Choose(0, 2).Select(tenant => (shard, tenant))).ListOf().ListOf();
        Law.Holds(appends.SelectMany(commits => Gen.Choose(1, 200).Select(bytes => (commits, bytes))).ToArbitrary(), at =>
        {
            using var file = new LogFile();
            var expected = Enumerable.Range(0, 4).Select(_ => new List<string>()).ToArray();
            var (after, hashes, read) = (new long[4], new UInt128[4], Enumerable.Range(0, 4).Select(_ => new List<string>()).ToArray());
            var number = 0;
            foreach (var commit in at.commits)
            {
                var records = commit.Select(record => (record.shard, $"t{record.tenant}", $"{number++}")).ToArray();
                file.Append(records);
                Array.ForEach(records, record => expected[record.shard].Add(record.Item3));
                Read(number % 4);
            }

            for (var shard = 0; shard < 4; shard++)
            {
                while (Read(shard))
                {
                }

                Assert.Equal(expected[shard], read[shard]);
                Assert.Equal(expected[shard].Count, file.Log.Head(shard).Offset);
                Assert.Equal(hashes[shard], file.Log.Head(shard).Hash);
                Assert.Equal(expected[shard], Enumerable.Range(1, expected[shard].Count).Select(offset => Encoding.UTF8.GetString(file.Log.FindRecord(shard, offset)!.Bytes.Span)));
            }

            bool Read(int shard)
            {
                var pending = file.Log.ReadAsync(shard, after[shard], at.bytes, Ct);
                Assert.True(pending.IsCompletedSuccessfully);
                foreach (var chunk in pending.Result.Chunks)
                {
                    Assert.Equal(after[shard] + 1, chunk.FirstOffset);
                    hashes[shard] = ChunkHash.Next(hashes[shard], chunk);
                    Assert.Equal(hashes[shard], chunk.Hash);
                    after[shard] = chunk.LastOffset;
                }

                read[shard].AddRange(Texts(pending.Result));
                return pending.Result.Chunks.Count > 0;
            }
        }, times: 50);
    }

    [Fact]
    public async Task ReadAsync_BesideTheWriter_SeesWholeCommits()
    {
        const int Commits = 200;
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < Commits; i++)
            {
                _file.Append((3, "t", "a"), (3, "u", "b"), (3, "t", "c"));
            }
        }, Ct);
        var after = 0L;
        while (after < 3 * Commits)
        {
            var page = await _file.Log.ReadAsync(3, after, 64, Ct);
            Assert.True(page.Head.Offset % 3 == 0);
            foreach (var chunk in page.Chunks)
            {
                Assert.Equal(after + 1, chunk.LastOffset);
                after = chunk.LastOffset;
            }
        }

        await writing;
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static IEnumerable<string> Texts(StreamPage page) => page.Chunks.SelectMany(chunk => chunk.Read()).Select(record => Encoding.UTF8.GetString(record.Span));
}
