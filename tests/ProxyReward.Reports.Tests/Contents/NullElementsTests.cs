using System.Text;
using ProxyReward.Reports.Contents;

namespace ProxyReward.Reports.Tests.Contents;

public sealed class NullElementsTests
{
    [Theory]
    [InlineData("{\"a\":null}\n{\"a\":[1,{\"b\":null}]}\n", false)]
    [InlineData("{\"a\":[]}\n{\"a\":[1,null]}\n", true)]
    [InlineData("{\"a\":[{\"b\":1},null]}", true)]
    [InlineData("{\"a\":[1]}\n{\"a\":[", false)]
    [InlineData("null", false)]
    public void Only_a_null_in_a_list_is_found(string json, bool found) => Assert.Equal(found, NullElements.Occur(Encoding.UTF8.GetBytes(json)));
}
