"""Calls the test server with another implementation of gRPC; prints a line for each case that went as it should.

Usage: client.py PORT TLS_PORT CERTIFICATE.pem DESCRIPTORS.bin (a serialized FileDescriptorSet)
"""
import queue
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

ECHO = "churn.compat.tests.v1"
HEALTH = "grpc.health.v1"
TIMEOUT = 30

port, tls_port, certificate_file, descriptors_file = sys.argv[1:]
files = descriptor_pb2.FileDescriptorSet()
with open(descriptors_file, "rb") as file:
    files.ParseFromString(file.read())
pool = descriptor_pool.DescriptorPool()
for file in files.file:
    pool.Add(file)
factory = message_factory.MessageFactory(pool)


def message(name, **fields):
    return factory.GetPrototype(pool.FindMessageTypeByName(name))(**fields)


def method(channel, name, path=None):
    """The method called NAME, for example pkg.Service.Method, at PATH where it is not its own."""
    descriptor = pool.FindMethodByName(name)
    kind = ("stream_" if descriptor.client_streaming else "unary_") + ("stream" if descriptor.server_streaming else "unary")
    return getattr(channel, kind)(
        path or "/" + "/".join(name.rsplit(".", 1)),
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=factory.GetPrototype(descriptor.output_type).FromString)


def echo(name, **options):
    return method(options.pop("channel", channel), f"{ECHO}.Echo.{name}")


def request(**fields):
    return message(f"{ECHO}.EchoRequest", **fields)


def failure(call):
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call did not fail")


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def unary():
    equal(echo("Unary")(request(text="h\u00e9llo"), timeout=TIMEOUT).request, request(text="h\u00e9llo"))


def client_streaming():
    reply = echo("Collect")(iter([request(text="a"), request(text="b")]), timeout=TIMEOUT)
    equal((reply.index, reply.text), (2, "ab"))


def server_streaming():
    equal([reply.index for reply in echo("Expand")(request(repeat=3), timeout=TIMEOUT)], [0, 1, 2])


def bidirectional_streaming():
    requests = queue.Queue()
    replies = echo("Chat")(iter(requests.get, None), timeout=TIMEOUT)
    for i in range(50):
        requests.put(request(text=str(i)))
        equal(next(replies).text, str(i))
    requests.put(None)
    equal(list(replies), [])


def deadline():
    error = failure(lambda: echo("Unary")(request(text="foreign deadline", hold=True), timeout=0.4))
    equal(error.code(), grpc.StatusCode.DEADLINE_EXCEEDED)


def cancellation():
    call = echo("Expand")(request(text="foreign cancellation", repeat=1, hold=True), timeout=TIMEOUT)
    equal(next(call).index, 0)
    call.cancel()
    equal(failure(lambda: next(call)).code(), grpc.StatusCode.CANCELLED)


def metadata():
    reply, call = echo("Unary").with_call(
        request(), metadata=[("x-custom", "v"), ("x-data-bin", b"\xde\xad")], timeout=TIMEOUT)
    equal((reply.seen["x-custom"], reply.seen["x-data-bin"]), ("v", "DEAD"))
    headers, trailers = dict(call.initial_metadata()), dict(call.trailing_metadata())
    equal((headers["x-header"], headers["x-header-bin"]), ("h", b"\x09\x08"))
    equal((trailers["x-trailer"], trailers["x-trailer-bin"]), ("ascii", b"\x00\x01\x02\xff"))


def gzip_request():
    text = "x" * 100000
    reply = echo("Unary")(request(text=text), compression=grpc.Compression.Gzip, timeout=TIMEOUT)
    equal((reply.text, reply.seen["encoding"]), (text, "gzip"))


def gzip_response():
    text = "x" * 100000
    call = echo("Expand")(request(text=text, repeat=2), timeout=TIMEOUT)
    equal([reply.text for reply in call], [text, text])
    equal(dict(call.trailing_metadata())["x-encoding"], "gzip")


def gzip_empty_messages():
    empty = message("google.protobuf.Empty")
    equal(echo("Nothing")(empty, compression=grpc.Compression.Gzip, timeout=TIMEOUT), empty)


def error_with_trailers():
    error = failure(lambda: echo("Unary")(request(fail_with=9), timeout=TIMEOUT))
    trailers = dict(error.trailing_metadata())
    equal((error.code(), error.details()), (grpc.StatusCode.FAILED_PRECONDITION, "as asked: \u00fcn\u00efcode %"))
    equal((trailers["why"], trailers["why-bin"]), ("test", b"\x01\x02\x03"))


def rich_error():
    error = failure(lambda: echo("Unary")(request(fail_richly=True), timeout=TIMEOUT))
    status = message("google.rpc.Status")
    status.ParseFromString(dict(error.trailing_metadata())["grpc-status-details-bin"])
    equal((status.code, status.message), (error.code().value[0], error.details()))
    info, bad = message("google.rpc.ErrorInfo"), message("google.rpc.BadRequest")
    equal((status.details[0].Unpack(info), status.details[1].Unpack(bad)), (True, True))
    equal((info.reason, info.domain, info.metadata["limit"]), ("TEXT_TOO_LONG", "churn", "3"))
    equal(bad.field_violations[0].field, "text")


def unimplemented():
    call = channel.unary_unary(f"/{ECHO}.Echo/Nope", request_serializer=bytes, response_deserializer=bytes)
    equal(failure(lambda: call(b"", timeout=TIMEOUT)).code(), grpc.StatusCode.UNIMPLEMENTED)


def tls():
    with open(certificate_file, "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    with grpc.secure_channel(f"localhost:{tls_port}", credentials) as secure:
        equal(echo("Unary", channel=secure)(request(text="tls"), timeout=TIMEOUT).text, "tls")


def health(service):
    return message(f"{HEALTH}.HealthCheckRequest", service=service)


def health_check():
    check = method(channel, f"{HEALTH}.Health.Check")
    for service in ["", "readiness", "liveness", f"{ECHO}.Echo"]:
        equal(check(health(service), timeout=TIMEOUT).status, 1)
    equal(failure(lambda: check(health("nobody"), timeout=TIMEOUT)).code(), grpc.StatusCode.NOT_FOUND)


def health_watch():
    watch = method(channel, f"{HEALTH}.Health.Watch")
    changes = watch(health(""), timeout=TIMEOUT)
    equal(next(changes).status, 1)
    for ready, status in [(False, 2), (True, 1)]:
        echo("SetReady")(message(f"{ECHO}.SetReadyRequest", ready=ready), timeout=TIMEOUT)
        equal(next(changes).status, status)
    changes.cancel()
    unknown = watch(health("nobody"), timeout=TIMEOUT)
    equal(next(unknown).status, 3)
    unknown.cancel()


def reflection(version):
    package = "grpc.reflection.v1"
    info = method(
        channel, f"{package}.ServerReflection.ServerReflectionInfo",
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo")
    services, found = info(iter([
        message(f"{package}.ServerReflectionRequest", list_services=""),
        message(f"{package}.ServerReflectionRequest", file_containing_symbol=f"{ECHO}.Echo"),
    ]), timeout=TIMEOUT)
    names = [service.name for service in services.list_services_response.service]
    equal(names, [f"{ECHO}.Echo", f"{HEALTH}.Health", f"{package}.ServerReflection"])
    other = descriptor_pool.DescriptorPool()
    for serialized in reversed(found.file_descriptor_response.file_descriptor_proto):
        other.AddSerializedFile(serialized)
    equal(other.FindMethodByName(f"{ECHO}.Echo.Chat").client_streaming, True)


def reflection_v1():
    reflection("v1")


def reflection_v1alpha():
    reflection("v1alpha")


cases = [
    unary, client_streaming, server_streaming, bidirectional_streaming, deadline, cancellation, metadata, gzip_request,
    gzip_response, gzip_empty_messages, error_with_trailers, rich_error, unimplemented, tls, health_check, health_watch,
    reflection_v1, reflection_v1alpha,
]
failed = False
with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
    for case in cases:
        try:
            case()
            print("ok", case.__name__, flush=True)
        except Exception as error:  # pylint: disable=broad-except
            failed = True
            print("FAILED", case.__name__, type(error).__name__, error, flush=True)
sys.exit(1 if failed else 0)
