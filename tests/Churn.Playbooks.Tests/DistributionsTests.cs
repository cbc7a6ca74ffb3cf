using Churn.Playbooks.Domain;

namespace Churn.Playbooks.Tests;

public sealed class DistributionsTests
{
    [Theory]
    [InlineData(0.975, 1, 12.706204736)]
    [InlineData(0.975, 2, 4.302652730)]
    [InlineData(0.975, 10, 2.228138852)]
    [InlineData(0.975, 17.776474, 2.102817237)]
    [InlineData(0.975, 30, 2.042272456)]
    [InlineData(0.975, 120, 1.979930405)]
    [InlineData(0.975, 1e6, 1.959966357)]
    [InlineData(0.95, 5, 2.015048373)]
    [InlineData(0.995, 5, 4.032142984)]
    public void StudentQuantile_PublishedTables_AreMet(double p, double freedom, double x)
    {
        Assert.Equal(x, Distributions.StudentQuantile(p, freedom), x * 1e-6);
        Assert.Equal(p, Distributions.StudentBelow(Distributions.StudentQuantile(p, freedom), freedom), 1e-10);
        Assert.Equal(1 - p, Distributions.StudentBelow(-Distributions.StudentQuantile(p, freedom), freedom), 1e-10);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.0157908, 0.9)]
    [InlineData(2.705543454, 0.1)]
    [InlineData(3.841458821, 0.05)]
    [InlineData(6.634896601, 0.01)]
    [InlineData(10.827566170, 0.001)]
    [InlineData(100, 1.523970605e-23)]
    public void ChiSquareAbove_PublishedTables_AreMet(double x, double p) => Assert.Equal(p, Distributions.ChiSquareAbove(x), p * 1e-6);

    // Student's sleep data, as R's t.test gives it.
    [Fact]
    public void Welch_PublishedData_IsMet()
    {
        double[] first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        double[] second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        var interval = Means.Welch(first, second)!.Value;
        Assert.Equal(-3.3654832, interval.Low, 1e-7);
        Assert.Equal(0.2054832, interval.High, 1e-7);
    }

    [Theory]
    [InlineData(new double[] { 1 }, new double[] { 1, 2, 3 })]
    [InlineData(new double[] { }, new double[] { 1, 2, 3 })]
    [InlineData(new double[] { 5, 5, 5 }, new double[] { 1, 1 })]
    public void Welch_TooFewOrNothingVaries_IsNull(double[] first, double[] second) => Assert.Null(Means.Welch(first, second));
}
