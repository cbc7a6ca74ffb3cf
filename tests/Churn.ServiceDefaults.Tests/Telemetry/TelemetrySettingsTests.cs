using System.Collections;
using Churn.ServiceDefaults.Telemetry;
using Microsoft.AspNetCore.Builder;

namespace Churn.ServiceDefaults.Tests.Telemetry;

public sealed class TelemetrySettingsTests
{
    [Fact]
    public void IsOn_WithoutAnEndpoint_IsFalse()
    {
        Assert.False(Of().IsOn);
        Assert.False(Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "")).IsOn);
        Assert.False(Of(("OTEL_SERVICE_NAME", "x"), ("PATH", "/bin")).IsOn);
        Assert.True(Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317")).IsOn);
        Assert.False(Of(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4317"), ("OTEL_SDK_DISABLED", "true")).IsOn);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4317")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "nonsense")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "GRPC")]
    [InlineData("OTEL_METRICS_EXPORTER", "prometheus")]
    public void Of_WhatWouldBeIgnored_NamesTheVariable(string name, string value)
    {
        var variables = new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:4317", [name] = value };
        var exception = Assert.Throws<SettingException>(() => TelemetrySettings.Of(variables));
        Assert.StartsWith($"{name} is \"{value}\"; give ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddTelemetry_WithoutAnEndpoint_RegistersNothing()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var before = builder.Services.Count;
        builder.AddTelemetry(Of(), "churn");
        Assert.Equal(before, builder.Services.Count);
    }

    private static TelemetrySettings Of(params (string Name, string Value)[] variables) =>
        TelemetrySettings.Of((IDictionary)variables.ToDictionary(variable => variable.Name, variable => variable.Value));
}
