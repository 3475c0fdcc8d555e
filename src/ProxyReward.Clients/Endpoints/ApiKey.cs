using Microsoft.Extensions.Configuration;

namespace ProxyReward.Clients.Endpoints;

/// <summary>
/// The secret of an endpoint. It comes from the environment or from .NET user secrets
/// (<c>dotnet user-secrets --id proxyreward set NAME value</c>), and never turns into text by accident: <see cref="ToString"/> does not show it.
/// </summary>
public sealed class ApiKey
{
    /// <summary>The id under which .NET user secrets are looked up.</summary>
    public const string SecretsId = "proxyreward";

    // The SDK insists on a credential; endpoints without keys ignore this one.
    private const string NoKey = "none";
    private readonly string value;

    private ApiKey(string secret, string? variable)
    {
        value = secret;
        Variable = variable;
    }

    /// <summary>The variable that holds the key; null where the endpoint needs none.</summary>
    public string? Variable { get; }

    /// <summary>Finds the key that an endpoint needs.</summary>
    /// <exception cref="RequestException">The variable is not set; the message names it, never a value.</exception>
    public static ApiKey For(EndpointOptions endpoint)
    {
        var variable = endpoint.KeyVariable ?? (endpoint.Address.Host == EndpointOptions.OpenAI.Host ? "OPENAI_API_KEY" : null);
        if (variable is null)
        {
            return new ApiKey(NoKey, variable: null);
        }

        var found = Environment.GetEnvironmentVariable(variable)
            ?? new ConfigurationBuilder().AddUserSecrets(SecretsId).Build()[variable];
        return string.IsNullOrWhiteSpace(found)
            ? throw new RequestException(
                $"{endpoint.Address.Host} needs a key, and {variable} is not set: "
                + $"export {variable}=…, or `dotnet user-secrets --id {SecretsId} set {variable} …`.")
            : new ApiKey(found.Trim(), variable);
    }

    /// <summary>Takes the key out of a text that is about to be shown: some endpoints quote it in their errors.</summary>
    public string Redact(string text) => Variable is null ? text : text.Replace(value, "***", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Variable is null ? "(no key)" : $"(key of {Variable})";

    /// <summary>The secret itself, for the Authorization header only.</summary>
    internal string Reveal() => value;
}
