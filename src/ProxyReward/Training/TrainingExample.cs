using ProxyReward.Questions;
using ProxyReward.Responses;

namespace ProxyReward.Training;

/// <summary>What DPO learns from: two answers to one prompt, the better one first.</summary>
public abstract record TrainingExample
{
    /// <summary>Where it comes from, for messages: file and line, or the ids of the responses.</summary>
    public abstract string Place { get; }

    /// <summary>The better answer, for measures of its text.</summary>
    public abstract string ChosenText { get; }

    /// <summary>The other answer.</summary>
    public abstract string RejectedText { get; }
}

/// <summary>Two responses that a policy wrote to a question: it is trained on their very tokens.</summary>
public sealed record TrainingPair(MetaQuestion Question, Response Chosen, Response Rejected) : TrainingExample
{
    /// <inheritdoc/>
    public override string Place => $"{Chosen.Id} against {Rejected.Id}";

    /// <inheritdoc/>
    public override string ChosenText => Chosen.Text;

    /// <inheritdoc/>
    public override string RejectedText => Rejected.Text;
}

/// <summary>One message of a conversation.</summary>
/// <param name="Role">system, user, assistant, or what else the model's chat template knows.</param>
/// <param name="Content">Its text.</param>
public sealed record Message(string Role, string Content);

/// <summary>A conversation and two ways in which it goes on; the model's chat template makes tokens of it.</summary>
public sealed record ChatExample(
    string FileAndLine, IReadOnlyList<Message> Prompt, IReadOnlyList<Message> Chosen, IReadOnlyList<Message> Rejected) : TrainingExample
{
    /// <inheritdoc/>
    public override string Place => FileAndLine;

    /// <inheritdoc/>
    public override string ChosenText => string.Join('\n', Chosen.Select(message => message.Content));

    /// <inheritdoc/>
    public override string RejectedText => string.Join('\n', Rejected.Select(message => message.Content));
}

/// <summary>A text and two ways in which it goes on; no template, the end token is added.</summary>
public sealed record TextExample(string FileAndLine, string Prompt, string Chosen, string Rejected) : TrainingExample
{
    /// <summary>Whether nobody wrote the prompt: it is what both texts begin with, and where it ends is for their tokens to say.</summary>
    public bool PromptIsCommonPart { get; init; }

    /// <inheritdoc/>
    public override string Place => FileAndLine;

    /// <inheritdoc/>
    public override string ChosenText => Chosen;

    /// <inheritdoc/>
    public override string RejectedText => Rejected;
}
