"""Serves the echo service with another implementation of gRPC until its input ends; prints its two ports.

Usage: server.py CERTIFICATE.pem KEY.pem DESCRIPTORS.bin (a serialized FileDescriptorSet)
"""
import sys
import threading
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ECHO = "churn.compat.tests.v1"

certificate_file, key_file, descriptors_file = sys.argv[1:]
files = descriptor_pb2.FileDescriptorSet()
with open(descriptors_file, "rb") as file:
    files.ParseFromString(file.read())
pool = descriptor_pool.DescriptorPool()
for file in files.file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)


def message(name, **fields):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))(**fields)


def reply(**fields):
    return message(f"{ECHO}.EchoReply", **fields)


def hold(request, context):
    if request.hold:
        ended = threading.Event()
        if context.add_callback(ended.set):
            ended.wait()


def unary(request, context):
    hold(request, context)
    seen = {key: value.hex() if isinstance(value, bytes) else value for key, value in context.invocation_metadata()}
    seen["remaining"] = str(context.time_remaining())
    context.send_initial_metadata([("x-header", "h"), ("x-header-bin", b"\x09\x08")])
    context.set_trailing_metadata([("x-trailer", "ascii"), ("x-trailer-bin", b"\x00\x01\x02\xff")])
    if request.fail_richly:
        status = message("google.rpc.Status", code=3, message="text is too long")
        status.details.add().Pack(message("google.rpc.ErrorInfo", reason="TEXT_TOO_LONG", domain="churn"))
        context.set_trailing_metadata([("grpc-status-details-bin", status.SerializeToString())])
        context.abort(grpc.StatusCode.INVALID_ARGUMENT, status.message)
    return reply(text=request.text, request=request, seen=seen)


def collect(requests, context):
    texts = [request.text for request in requests]
    return reply(index=len(texts), text="".join(texts))


def expand(request, context):
    for i in range(request.repeat):
        yield reply(text=request.text, index=i)
    hold(request, context)


def chat(requests, context):
    for i, request in enumerate(requests):
        yield reply(text=request.text, index=i)


def nothing(request, context):
    return request


def handler(name, behaviour):
    descriptor = pool.FindMethodByName(f"{ECHO}.Echo.{name}")
    kind = ("stream_" if descriptor.client_streaming else "unary_") + ("stream" if descriptor.server_streaming else "unary")
    return getattr(grpc, f"{kind}_rpc_method_handler")(
        behaviour,
        request_deserializer=factory.GetPrototype(descriptor.input_type).FromString,
        response_serializer=lambda response: response.SerializeToString())


behaviours = {"Unary": unary, "Collect": collect, "Expand": expand, "Chat": chat, "Nothing": nothing}
server = grpc.server(futures.ThreadPoolExecutor(max_workers=16), compression=grpc.Compression.Gzip)
server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(
    f"{ECHO}.Echo", {name: handler(name, behaviour) for name, behaviour in behaviours.items()}),))
with open(key_file, "rb") as key, open(certificate_file, "rb") as certificate:
    credentials = grpc.ssl_server_credentials([(key.read(), certificate.read())])
ports = server.add_insecure_port("127.0.0.1:0"), server.add_secure_port("127.0.0.1:0", credentials)
server.start()
print(*ports, flush=True)
sys.stdin.read()
server.stop(0).wait()
