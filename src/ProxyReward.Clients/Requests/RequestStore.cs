using System.Globalization;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace ProxyReward.Clients.Requests;

/// <summary>
/// The cache and the ledger, one SQLite file. An answer and its entry are written in one transaction before anyone sees the answer:
/// after kill -9 what was paid for is there, and what is there was booked. Holds no key and no address. Thread-safe; several processes
/// may share a file.
/// </summary>
public sealed class RequestStore : IDisposable
{
    private const string Schema =
        """
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
        CREATE TABLE IF NOT EXISTS ledger (
            at TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, outcome TEXT NOT NULL, input_tokens INTEGER, output_tokens INTEGER,
            cost_nano INTEGER, latency_ms REAL NOT NULL, retries INTEGER NOT NULL);
        CREATE TABLE IF NOT EXISTS parse_failures (
            key TEXT PRIMARY KEY, stage TEXT NOT NULL, model TEXT NOT NULL, reason TEXT NOT NULL) WITHOUT ROWID;
        """;

    private const string SummarySql =
        """
        SELECT stage, model, COUNT(*), COALESCE(SUM(input_tokens), 0), COALESCE(SUM(output_tokens), 0), SUM(cost_nano), SUM(cost_nano IS NULL),
            COALESCE(AVG(CASE WHEN outcome <> 'failed' THEN latency_ms END), 0), SUM(retries), SUM(outcome IN ('refused', 'filtered')),
            SUM(outcome = 'cut'), SUM(outcome = 'failed'),
            (SELECT COUNT(*) FROM parse_failures p WHERE p.stage = ledger.stage AND p.model = ledger.model)
        FROM ledger GROUP BY stage, model ORDER BY MIN(rowid)
        """;

    private readonly Lock gate = new();
    private readonly Dictionary<(string Stage, string Model), long> hits = [];
    private readonly SqliteConnection connection;
    private readonly SqliteCommand find;
    private readonly SqliteCommand keep;
    private readonly SqliteCommand book;

    private RequestStore(SqliteConnection connection)
    {
        this.connection = connection;
        find = Command("SELECT answer FROM answers WHERE key = $key", "$key");
        keep = Command("INSERT OR IGNORE INTO answers VALUES ($key, $answer)", "$key", "$answer");
        book = Command(
            "INSERT INTO ledger VALUES ($at, $stage, $model, $outcome, $input, $output, $cost, $latency, $retries)",
            "$at", "$stage", "$model", "$outcome", "$input", "$output", "$cost", "$latency", "$retries");
    }

    /// <summary>Opens a store, or makes one.</summary>
    /// <exception cref="RequestException">The file is no such store, or cannot be written.</exception>
    public static RequestStore Open(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var settings = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 60 };
        var opened = new SqliteConnection(settings.ToString());
        try
        {
            opened.Open();
            using var schema = opened.CreateCommand();
            schema.CommandText = Schema;
            schema.ExecuteNonQuery();
            return new RequestStore(opened);
        }
        catch (SqliteException e)
        {
            opened.Dispose();
            throw new RequestException($"{path}: cannot be used as the store of requests ({e.Message}). Move it away, or name another file.", e);
        }
    }

    /// <summary>The answer to a request, or null; counted as taken from the cache.</summary>
    public Answer? Find(string key, string stage, string model)
    {
        string? text;
        lock (gate)
        {
            find.Parameters[0].Value = key;
            text = (string?)find.ExecuteScalar();
            if (text is not null)
            {
                hits[(stage, model)] = hits.GetValueOrDefault((stage, model)) + 1;
            }
        }

        return text is null ? null : JsonSerializer.Deserialize<Answer>(text, Json.Line);
    }

    /// <summary>Whether a request was answered before; counts nothing.</summary>
    public bool Holds(string key)
    {
        lock (gate)
        {
            find.Parameters[0].Value = key;
            return find.ExecuteScalar() is not null;
        }
    }

    /// <summary>Keeps an answer and books it.</summary>
    public void Keep(string key, Answer answer, LedgerEntry entry)
    {
        var text = JsonSerializer.Serialize(answer, Json.Line);
        lock (gate)
        {
            using var transaction = connection.BeginTransaction(deferred: false);
            keep.Transaction = transaction;
            keep.Parameters[0].Value = key;
            keep.Parameters[1].Value = text;
            keep.ExecuteNonQuery();
            Insert(entry, transaction);
            transaction.Commit();
        }
    }

    /// <summary>Books a request that came to nothing.</summary>
    public void Book(LedgerEntry entry)
    {
        lock (gate)
        {
            Insert(entry, transaction: null);
        }
    }

    /// <summary>Counts an answer that could not be understood; the same answer counts once, however often it is read again.</summary>
    public void ParseFailed(string key, string stage, string model, string reason)
    {
        lock (gate)
        {
            using var command = Command("INSERT OR IGNORE INTO parse_failures VALUES ($key, $stage, $model, $reason)");
            command.Parameters.AddWithValue("$key", key);
            command.Parameters.AddWithValue("$stage", stage);
            command.Parameters.AddWithValue("$model", model);
            command.Parameters.AddWithValue("$reason", reason);
            command.ExecuteNonQuery();
        }
    }

    /// <summary>The ledger by stage and model, in the order in which they first appeared.</summary>
    public IReadOnlyList<LedgerLine> Summary()
    {
        lock (gate)
        {
            var lines = new List<LedgerLine>();
            using (var command = Command(SummarySql))
            using (var row = command.ExecuteReader())
            {
                while (row.Read())
                {
                    var (stage, model) = (row.GetString(0), row.GetString(1));
                    lines.Add(new LedgerLine(
                        stage, model, row.GetInt64(2), hits.GetValueOrDefault((stage, model)), row.GetInt64(3), row.GetInt64(4),
                        row.GetInt64(6) > 0 ? null : row.GetInt64(5) / 1e9m, TimeSpan.FromMilliseconds(row.GetDouble(7)),
                        row.GetInt64(8), row.GetInt64(9), row.GetInt64(10), row.GetInt64(11), row.GetInt64(12)));
                }
            }

            return lines;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (gate)
        {
            find.Dispose();
            keep.Dispose();
            book.Dispose();
            connection.Dispose();
        }
    }

    private void Insert(LedgerEntry entry, SqliteTransaction? transaction)
    {
        book.Transaction = transaction;
        object?[] values =
        [
            entry.At.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), entry.Stage, entry.Model, entry.Outcome, entry.InputTokens,
            entry.OutputTokens, entry.Cost is { } cost ? (long)decimal.Round(cost * 1e9m) : null, entry.Latency.TotalMilliseconds, entry.Retries,
        ];
        for (var i = 0; i < values.Length; i++)
        {
            book.Parameters[i].Value = values[i] ?? DBNull.Value;
        }

        book.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters)
        {
            command.Parameters.AddWithValue(name, DBNull.Value);
        }

        return command;
    }
}
