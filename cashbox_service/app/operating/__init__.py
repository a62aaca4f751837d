"""What operators and developers do: merchants, keys, tables, the sandbox, audits."""
