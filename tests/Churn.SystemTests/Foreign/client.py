"""Calls every RPC of ingestion and metrics by Python's own gRPC, from the descriptor set that is published."""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

address, descriptors = sys.argv[1:]
pool = descriptor_pool.DescriptorPool()
with open(descriptors, "rb") as file:
    for proto in descriptor_pb2.FileDescriptorSet.FromString(file.read()).file:
        pool.Add(proto)
factory = message_factory.MessageFactory(pool)
channel = grpc.insecure_channel(address)


def of(name, **fields):
    return json_format.ParseDict(fields, factory.GetPrototype(pool.FindMessageTypeByName(name))())


def call(service, method, *requests, take=None):
    descriptor = pool.FindServiceByName(service).methods_by_name[method]
    response = factory.GetPrototype(descriptor.output_type)
    proto = descriptor_pb2.MethodDescriptorProto()
    descriptor.CopyToProto(proto)
    kind = ("stream" if proto.client_streaming else "unary") + "_" + ("stream" if proto.server_streaming else "unary")
    stub = getattr(channel, kind)(
        f"/{service}/{method}", request_serializer=lambda m: m.SerializeToString(), response_deserializer=response.FromString)
    sent = [of(descriptor.input_type.full_name, **request) for request in requests]
    answer = stub(iter(sent) if proto.client_streaming else sent[0], timeout=30)
    if not proto.server_streaming:
        return answer
    answers = []
    for one in answer:
        answers.append(one)
        if len(answers) == take:
            answer.cancel()
            break
    return answers


INGESTION, METRICS = "churn.ingestion.v1.IngestionService", "churn.metrics.v1.MetricsService"


def fact(number, customer, micros):
    return {
        "source": "python", "eventId": f"py-{number}", "customerId": customer, "occurTime": "2024-03-01T00:00:00Z",
        "subscriptionStarted": {"subscriptionId": f"s{number}", "plan": "pro", "price": {"currency": "USD", "mrrMicros": str(micros)}},
    }


recorded = call(INGESTION, "RecordFacts", {"facts": [fact(1, "p1", 10_000_000), fact(2, "p2", 20_000_000), {"source": "python"}]})
assert list(recorded.verdicts) == [1, 1, 3], recorded
assert recorded.rejects[0].index == 2 and recorded.rejects[0].reason == "FIELD_MISSING", recorded
streamed = call(INGESTION, "StreamFacts", {"facts": [fact(3, "p3", 30_000_000)]}, {"facts": [fact(1, "p1", 10_000_000)]})
assert streamed[-1].durable_through == 2 and streamed[-1].recorded_count == 1 and streamed[-1].duplicate_count == 1, streamed
assert call(INGESTION, "GetFact", {"source": "python", "eventId": "py-3"}).fact.customer_id == "p3"
assert len(call(INGESTION, "ListFacts", {"source": "python", "pageSize": 1000}).facts) >= 1
retracted = call(INGESTION, "RetractFact", {"source": "python", "eventId": "py-2", "note": "a test"})
tokens = [recorded.consistency_token, streamed[-1].consistency_token, retracted.consistency_token]
read = {"read": {"consistencyToken": ",".join(tokens)}}

overview = call(METRICS, "GetOverview", read)
assert overview.info.identity.balanced and overview.sections[0].months[-1].bridge.closing_mrr_micros == 40_000_000, overview
assert len(call(METRICS, "ListMovements", read).movements) == 2
assert len(call(METRICS, "GetRates", read).months) == len(overview.sections[0].months)
assert len(call(METRICS, "GetRollingMetrics", read).figures) == 8
assert call(METRICS, "GetSeries", {**read, "metric": "METRIC_MRR"}).series[0].points[-1].numerator == 40_000_000
assert call(METRICS, "GetCohorts", read).cohorts[0].customers == 2
assert call(METRICS, "ListSegments", read).segments[0].segment.value == "pro"
assert len(call(METRICS, "ExplainMetric", {**read, "month": "2024-03"})) == 3
assert len(call(METRICS, "WatchMetrics", read, take=1)[0].figures) == 8
STREAMS = "churn.streams.v1.StreamService"
heads = call(STREAMS, "ListHeads", {"stream": "facts"}).heads
assert len(heads) == 32, heads
grown = next(head for head in heads if head.offset > 0)
pages = call(STREAMS, "ReadStream", {"stream": "facts", "shard": grown.shard})
assert sum(chunk.count for page in pages for chunk in page.chunks) == grown.offset, pages
try:
    call(METRICS, "GetOverview", {"fromMonth": "soon"})
    raise AssertionError("a month that is none was taken")
except grpc.RpcError as error:
    assert error.code() == grpc.StatusCode.INVALID_ARGUMENT and "soon" in error.details(), error
print("ok")
