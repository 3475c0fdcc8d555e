namespace ProxyReward.Models.ChatTemplates;

/// <summary>A place in a template, both counted from 1.</summary>
internal readonly record struct Position(int Line, int Column);

/// <summary>
/// A template that cannot be read or rendered. What raises it deep inside knows no place; the node around it adds its own.
/// Becomes a <see cref="RequestException"/> at the door.
/// </summary>
internal sealed class TemplateException(string message, Position? position = null) : Exception(message)
{
    /// <summary>Where; null until a node adds it.</summary>
    public Position? Position { get; set; } = position;

    /// <summary>The template itself refused its input, by <c>raise_exception</c>.</summary>
    public bool Raised { get; init; }
}
