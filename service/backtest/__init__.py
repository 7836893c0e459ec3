"""What one's own past would have been warned of, how early, and against simpler rules (docs/backtest.md)."""
