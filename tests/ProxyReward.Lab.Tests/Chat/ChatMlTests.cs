using ProxyReward.Lab.Chat;

namespace ProxyReward.Lab.Tests.Chat;

public sealed class ChatMlTests
{
    [Fact]
    public void A_prompt_is_a_user_turn_and_an_open_assistant_turn() =>
        Assert.Equal("<|im_start|>user\nHello.<|im_end|>\n<|im_start|>assistant\n", ChatMl.Prompt("Hello."));

    [Fact]
    public void The_template_is_one_line() => Assert.DoesNotContain('\n', ChatMl.Template);
}
