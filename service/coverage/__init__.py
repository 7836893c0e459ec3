"""How much of each signal the data can feed, and what the gaps cost in detection."""
